"""The labels of the values of the model, as message ids."""

from openknowledge.model.course import Audience, CourseState, Level, Pace
from openknowledge.model.materials import MaterialKind
from openknowledge.model.people import CreditRole
from openknowledge.model.programme import HubFormat, SessionState
from openknowledge.model.values import License, Subject
from openknowledge.rendering.locale import N_

STATES = {
    CourseState.OPEN: N_("Enrolment open"),
    CourseState.RUNNING: N_("Running"),
    CourseState.SELF_PACED: N_("At your own pace"),
    CourseState.UPCOMING: N_("Upcoming"),
    CourseState.UNKNOWN: N_("Dates not available"),
    CourseState.ARCHIVED: N_("Archived"),
}
LEVELS = {
    Level.INTRODUCTORY: N_("Introductory"),
    Level.INTERMEDIATE: N_("Intermediate"),
    Level.ADVANCED: N_("Advanced"),
}
AUDIENCES = {
    Audience.PUPILS: N_("Secondary-school students"),
    Audience.STUDENTS: N_("University students"),
    Audience.TEACHERS: N_("Teachers"),
    Audience.EVERYONE: N_("Everyone"),
    Audience.PROFESSIONALS: N_("Professionals"),
}
PACES = {Pace.SELF: N_("At your own pace"), Pace.INSTRUCTOR: N_("With a calendar")}
ROLES = {
    CreditRole.AUTHOR: N_("Author"),
    CreditRole.TEACHER: N_("Teacher"),
    CreditRole.TUTOR: N_("Tutor"),
    CreditRole.HOST: N_("Host"),
    CreditRole.SPEAKER: N_("Speaker"),
}
MATERIALS = {
    MaterialKind.SLIDES: N_("Slides"),
    MaterialKind.NOTES: N_("Lecture notes"),
    MaterialKind.EXERCISES: N_("Exercises"),
    MaterialKind.SOLUTIONS: N_("Solutions"),
    MaterialKind.DATA: N_("Data"),
    MaterialKind.CODE: N_("Program code"),
    MaterialKind.READING: N_("Reading"),
    MaterialKind.RECORDING: N_("Recording"),
}
SUBJECTS = {
    Subject.MATHEMATICS: N_("Mathematics"),
    Subject.PHYSICS: N_("Physics"),
    Subject.COMPUTING: N_("Computing"),
    Subject.MANAGEMENT: N_("Management and soft skills"),
    Subject.ARCHITECTURE: N_("Architecture"),
    Subject.TEACHING: N_("Teaching"),
}
OPEN_NOW = {"now": N_("Open now")}
WORKLOADS = {
    "up-to-10": N_("Up to 10 hours"),
    "up-to-30": N_("11 to 30 hours"),
    "up-to-60": N_("31 to 60 hours"),
    "over-60": N_("More than 60 hours"),
}
COURSES_OF: dict[str, str] = {
    "now": N_("Courses open now"),
    "up-to-10": N_("Courses of up to 10 hours"),
    "up-to-30": N_("Courses of 11 to 30 hours"),
    "up-to-60": N_("Courses of 31 to 60 hours"),
    "over-60": N_("Courses of more than 60 hours"),
    Level.INTRODUCTORY: N_("Introductory courses"),
    Level.INTERMEDIATE: N_("Intermediate courses"),
    Level.ADVANCED: N_("Advanced courses"),
    CourseState.OPEN: N_("Courses whose enrolment is open"),
    CourseState.RUNNING: N_("Courses that are running"),
    CourseState.SELF_PACED: N_("Courses at your own pace"),
    CourseState.UPCOMING: N_("Upcoming courses"),
    CourseState.UNKNOWN: N_("Courses without public dates"),
    CourseState.ARCHIVED: N_("Archived courses"),
    Subject.MATHEMATICS: N_("Courses in mathematics"),
    Subject.PHYSICS: N_("Courses in physics"),
    Subject.COMPUTING: N_("Courses in computing"),
    Subject.MANAGEMENT: N_("Courses in management and soft skills"),
    Subject.ARCHITECTURE: N_("Courses in architecture"),
    Subject.TEACHING: N_("Courses in teaching"),
    Audience.PUPILS: N_("Courses for secondary-school students"),
    Audience.STUDENTS: N_("Courses for university students"),
    Audience.TEACHERS: N_("Courses for teachers"),
    Audience.EVERYONE: N_("Courses for everyone"),
    Audience.PROFESSIONALS: N_("Courses for professionals"),
}
"""What the courses are called that have a value: no language makes it of the value's own label."""
FORMATS = {
    HubFormat.ARTICLE: (N_("Article"), N_("Articles"), N_("Texts to read at any time.")),
    HubFormat.WEBINAR: (N_("Webinar"), N_("Webinars"), N_("Live meetings online.")),
    HubFormat.COURSE: (N_("Online course"), N_("Online courses"), N_("Lessons arranged in order.")),
    HubFormat.TALK: (N_("Talk"), N_("Talks with faculty and managers"), N_("Conversations with faculty and managers.")),
    HubFormat.TOOL: (N_("Practical tool"), N_("Practical tools"), N_("Practical material for work.")),
    HubFormat.INSIGHT: (N_("In-depth insight"), N_("In-depth insights"), N_("Pieces that stay with a single subject.")),
}
"""Each format for one and for many, and what it is."""
SESSION_STATES = {
    SessionState.CANCELLED: N_("Cancelled"),
    SessionState.UPCOMING: N_("Upcoming"),
    SessionState.LIVE: N_("Live today"),
    SessionState.RECORDED: N_("Recorded"),
    SessionState.PAST: N_("Over"),
}
LICENSES = {
    License.CC_BY_4_0: N_("Free to use and adapt, naming the source (CC BY 4.0)"),
    License.CC_BY_SA_4_0: N_("Free to use and adapt, naming the source and sharing alike (CC BY-SA 4.0)"),
    License.CC_BY_NC_SA_4_0: N_("Free for non-commercial use, naming the source and sharing alike (CC BY-NC-SA 4.0)"),
    License.CC_BY_3_0: N_("Free to use and adapt, naming the source (CC BY 3.0)"),
    License.CC0_1_0: N_("In the public domain (CC0)"),
    License.YOUTUBE: N_("Standard YouTube licence"),
}
LICENSE_URLS = {
    License.CC_BY_4_0: "https://creativecommons.org/licenses/by/4.0/",
    License.CC_BY_SA_4_0: "https://creativecommons.org/licenses/by-sa/4.0/",
    License.CC_BY_NC_SA_4_0: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    License.CC_BY_3_0: "https://creativecommons.org/licenses/by/3.0/",
    License.CC0_1_0: "https://creativecommons.org/publicdomain/zero/1.0/",
    License.YOUTUBE: "https://www.youtube.com/t/terms",
}
BOX_NAMES = {
    "theorem": N_("Theorem"),
    "lemma": N_("Lemma"),
    "proposition": N_("Proposition"),
    "corollary": N_("Corollary"),
    "definition": N_("Definition"),
    "example": N_("Example"),
    "exercise": N_("Exercise"),
    "remark": N_("Remark"),
    "question": N_("Question"),
    "proof": N_("Proof"),
    "solution": N_("Solution"),
    "answer": N_("Answer"),
    "hint": N_("Hint"),
    "details": N_("Details"),
    "note": N_("Note"),
    "info": N_("Information"),
    "tip": N_("Tip"),
    "important": N_("Important"),
    "warning": N_("Warning"),
    "caution": N_("Caution"),
    "attention": N_("Attention"),
    "danger": N_("Danger"),
    "error": N_("Error"),
    "success": N_("Success"),
    "quote": N_("Quote"),
    "summary": N_("Summary"),
}
"""The kinds of boxes in texts that are named in every language."""
ANYTHING = N_("All")
ANY_VALUE = {
    "format": N_("All formats"),
    "language": N_("All languages"),
    "level": N_("All levels"),
    "speaker": N_("All people"),
    "subject": N_("All subjects"),
    "topic": N_("All topics"),
    "workload": N_("Any workload"),
    "year": N_("All years"),
}
"""The link of a filter that leads to the whole list, by the filter's name: languages have genders."""
