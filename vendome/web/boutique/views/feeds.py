"""What search engines read: which addresses there are, and which are nobody's business."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind
from vendome.kit.policy import public
from vendome.web.boutique import service_words, showing, wording
from vendome.web.boutique.locales import Locale

PRIVATE = ("bag", "checkout", "order", "account", "search")


@public(reason="search engines ask before they read")
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    closed = [f"Disallow: /*/{name}/" for name in PRIVATE]
    staff = [f"Disallow: /{name}/" for name in ("salon", "bureau", "api", "sign-in", "sign-up", "live")]
    sitemap = f"Sitemap: {request.build_absolute_uri(reverse('boutique:sitemap'))}"
    lines = ["User-agent: *", *closed, *staff, "", sitemap, ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public(reason="the list of public pages")
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page in every market and language."""
    maison = house.get_maison()
    locales = showing.locales(house.list_markets(maison_id=maison.id))
    origin = request.build_absolute_uri("/").rstrip("/")
    pages = list(_pages(locales[0])) if locales else []
    urls = [f"{origin}/{locale}/{rest}" for locale in locales for rest in pages]
    body = render_to_string("boutique/sitemap.xml", {"urls": urls})
    return HttpResponse(body, content_type="application/xml")


def _pages(locale: Locale) -> Iterator[str]:
    """The addresses of one locale without their first part; the others are alike."""
    maison = house.get_maison()
    start = f"/{locale}/"

    def rest(name: str, **parts: str) -> str:
        return reverse(f"boutique:{name}", kwargs={"locale": locale, **parts}).removeprefix(start)

    yield rest("home")
    yield rest("collections")
    yield rest("boutiques")
    for family in wording.FAMILIES:
        yield rest("family", family=family)
    for collection in catalogue.list_collections(maison_id=maison.id):
        yield rest("collection", code=collection.code)
    for model in catalogue.list_models(maison_id=maison.id):
        yield rest("piece", code=model.code)
    for place in house.list_places(maison_id=maison.id, kinds=(PlaceKind.BOUTIQUE,), only_visible=True):
        yield rest("boutique", code=place.code)
    for topic in service_words.TOPICS:
        yield rest("service", topic=topic)
