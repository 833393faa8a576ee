"""What the values of the model are called; message ids, so that every language has its own word."""

from ..model.course import Audience, Level, Pace, State
from ..model.hub import HubFormat, SessionState
from ..model.people import Role
from ..model.values import License, Subject

_ = str  # marks message ids for extraction: nothing is translated here

STATES = {
    State.OPEN: _("Enrolment open"),
    State.RUNNING: _("Running"),
    State.SELF_PACED: _("At your own pace"),
    State.UPCOMING: _("Upcoming"),
    State.UNKNOWN: _("Dates not known"),
    State.ARCHIVED: _("Archived"),
}
LEVELS = {
    Level.INTRODUCTORY: _("Introductory"),
    Level.INTERMEDIATE: _("Intermediate"),
    Level.ADVANCED: _("Advanced"),
}
AUDIENCES = {
    Audience.PUPILS: _("Upper-secondary pupils"),
    Audience.STUDENTS: _("University students"),
    Audience.TEACHERS: _("Teachers"),
    Audience.EVERYONE: _("Everyone"),
    Audience.PROFESSIONALS: _("Professionals"),
}
PACES = {Pace.SELF: _("At your own pace"), Pace.INSTRUCTOR: _("With a calendar")}
ROLES = {
    Role.AUTHOR: _("Author"),
    Role.TEACHER: _("Teacher"),
    Role.TUTOR: _("Tutor"),
    Role.HOST: _("Host"),
    Role.SPEAKER: _("Speaker"),
}
SUBJECTS = {
    Subject.MATHEMATICS: _("Mathematics"),
    Subject.PHYSICS: _("Physics"),
    Subject.COMPUTING: _("Computing"),
    Subject.MANAGEMENT: _("Management and soft skills"),
    Subject.ARCHITECTURE: _("Architecture"),
    Subject.TEACHING: _("Teaching"),
}
FORMATS = {
    HubFormat.ARTICLE: _("Article"),
    HubFormat.WEBINAR: _("Webinar"),
    HubFormat.COURSE: _("Online course"),
    HubFormat.TALK: _("Talk"),
    HubFormat.TOOL: _("Practical tool"),
    HubFormat.INSIGHT: _("In-depth insight"),
}
FORMATS_PLURAL = {
    HubFormat.ARTICLE: _("Articles"),
    HubFormat.WEBINAR: _("Webinars"),
    HubFormat.COURSE: _("Online courses"),
    HubFormat.TALK: _("Talks with faculty and managers"),
    HubFormat.TOOL: _("Practical tools"),
    HubFormat.INSIGHT: _("In-depth insights"),
}
FORMAT_EXPLANATIONS = {
    HubFormat.ARTICLE: _("Texts to read in a few minutes on what the emergency was changing."),
    HubFormat.WEBINAR: _("Live meetings online, with questions from those who followed."),
    HubFormat.COURSE: _("Lessons to take at one's own pace, from the digital catalogue of the school."),
    HubFormat.TALK: _("Conversations between the faculty and people who run companies."),
    HubFormat.TOOL: _("Instruments that a company could put to use the same day."),
    HubFormat.INSIGHT: _("Longer reading on a single question."),
}
SESSION_STATES = {
    SessionState.UPCOMING: _("Upcoming"),
    SessionState.LIVE: _("Live today"),
    SessionState.RECORDED: _("Recorded"),
    SessionState.PAST: _("Over, not recorded"),
}
LICENSES = {
    License.CC_BY_4_0: _("Free to use and adapt, naming the source (CC BY 4.0)"),
    License.CC_BY_SA_4_0: _("Free to use and adapt, naming the source and sharing alike (CC BY-SA 4.0)"),
    License.CC_BY_NC_SA_4_0: _("Free for non-commercial use, naming the source and sharing alike (CC BY-NC-SA 4.0)"),
    License.CC_BY_3_0: _("Free to use and adapt, naming the source (CC BY 3.0)"),
    License.CC0_1_0: _("In the public domain (CC0)"),
    License.YOUTUBE: _("Standard YouTube licence"),
}
LICENSE_URLS = {
    License.CC_BY_4_0: "https://creativecommons.org/licenses/by/4.0/",
    License.CC_BY_SA_4_0: "https://creativecommons.org/licenses/by-sa/4.0/",
    License.CC_BY_NC_SA_4_0: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    License.CC_BY_3_0: "https://creativecommons.org/licenses/by/3.0/",
    License.CC0_1_0: "https://creativecommons.org/publicdomain/zero/1.0/",
    License.YOUTUBE: "https://www.youtube.com/t/terms",
}
