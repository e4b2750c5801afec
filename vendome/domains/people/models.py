"""Tables of the people domain."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from vendome.domains.people.permissions import ROLES
from vendome.kit.ids import new_id
from vendome.kit.rows import Row


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=username)


class Account(AbstractBaseUser):
    """A way to sign in. It belongs to a member of staff, or to a client once she has proven to be her."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)  # always lower case
    is_active = models.BooleanField(default=True)
    session_epoch = models.IntegerField(default=0)  # raised to end every session of this account
    client_id = models.UUIDField(null=True)  # proven by a code sent to an address we hold for her
    created_at = models.DateTimeField(auto_now_add=True)
    objects = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client_id"], name="one_account_per_client"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="account_email_lower_case"),
        ]


class Staff(Row):
    account = models.OneToOneField(Account, on_delete=models.PROTECT, null=True, related_name="+")
    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    home_place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+")
    code = models.SlugField()
    given_name = models.TextField()
    family_name = models.TextField()
    languages = ArrayField(models.CharField(max_length=8), default=list)
    started_date = models.DateField()
    ended_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "code"], name="staff_code_once"),
            models.CheckConstraint(
                condition=Q(ended_date=None) | Q(ended_date__gte=models.F("started_date")),
                name="staff_ends_after_start",
            ),
        ]

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def on(self, day: date) -> Self:
        return self.filter(during__contains=day)


class RoleGrant(Row):
    """A role for a time, everywhere in the maison, or in one region, or at one place."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32, choices=[(role, role) for role in ROLES])
    region = models.CharField(max_length=16, blank=True)
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+")
    scope = models.GeneratedField(
        expression=models.functions.Coalesce(
            models.functions.Cast("place_id", models.TextField()), models.F("region"), output_field=models.TextField()
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    during = DateRangeField()
    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(region="") | Q(place=None), name="grant_has_one_scope"),
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="grant_names_a_known_role"),
            ExclusionConstraint(
                name="grant_never_doubled",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("scope", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Secondment(Row):
    """A member of staff lent to another place for a time; she has her role there meanwhile."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=32)
    during = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="secondment_one_place_at_a_time",
                expressions=[("staff", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="secondment_names_a_known_role"),
        ]


class ApiToken(Row):
    """A program's key. Only its SHA-256 is kept; it acts with the roles written here."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    token_hash = models.BinaryField(unique=True)
    roles = ArrayField(models.CharField(max_length=32))
    home_place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class EndedSession(models.Model):
    """A session somebody signed out of, until it would have run out by itself: a copied cookie is then nobody's."""

    session = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey("people.Account", on_delete=models.CASCADE, related_name="+")
    until_at = models.DateTimeField()
