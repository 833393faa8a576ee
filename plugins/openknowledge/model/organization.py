"""Who publishes the site, as the settings say."""

from dataclasses import dataclass

from .addresses import RorId, WebUrl
from .values import ExactText, PartnerSlug, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization(Value):
    """The university that publishes the site. What is not known is absent.

    `street`, `postal_code`, `locality`, `region` and `country` (its code of ISO 3166) are the address. `logo` is a file
    of the theme's folder `static`; its size is filled in. `partner` is the slug of its own page among the partners.
    """

    name: str
    legal_name: str | None = None
    url: WebUrl | None = None
    street: str | None = None
    postal_code: ExactText | None = None
    locality: str | None = None
    region: str | None = None
    country: ExactText | None = None
    ror: RorId | None = None
    logo: ExactText | None = None
    logo_width_px: int = 0
    logo_height_px: int = 0
    partner: PartnerSlug | None = None
