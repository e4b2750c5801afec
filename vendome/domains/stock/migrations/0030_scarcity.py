import django.contrib.postgres.fields
import django.db.models.deletion
import vendome.kit.ids
from django.db import migrations, models

from vendome.kit.rows import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_initial"),
        ("clients", "0002_append_only"),
        ("house", "0001_initial"),
        ("people", "0001_initial"),
        ("stock", "0010_transfers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Allocation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.SlugField(max_length=60)),
                ("title", models.TextField()),
                ("words", models.JSONField(default=dict)),
                ("pieces", models.IntegerField()),
                (
                    "policy",
                    models.CharField(
                        choices=[
                            ("WAITING_LIST", "WAITING_LIST"),
                            ("BALLOT", "BALLOT"),
                            ("NOMINATIONS", "NOMINATIONS"),
                            ("STANDING", "STANDING"),
                            ("FIRST_COME", "FIRST_COME"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("DRAFT", "DRAFT"),
                            ("OPEN", "OPEN"),
                            ("CLOSED", "CLOSED"),
                            ("SELLING", "SELLING"),
                            ("ENDED", "ENDED"),
                        ],
                        default="DRAFT",
                        max_length=8,
                    ),
                ),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField(null=True)),
                ("early_from", models.DateTimeField(null=True)),
                ("room_opens_at", models.DateTimeField(null=True)),
                ("only_invited", models.BooleanField(default=False)),
                ("counts_household", models.BooleanField(default=False)),
                ("standings", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
                ("hold_seconds", models.IntegerField(default=900)),
                ("seed", models.BinaryField()),
                ("commitment", models.BinaryField()),
                ("list_digest", models.BinaryField(null=True)),
                ("frozen_at", models.DateTimeField(null=True)),
                ("revealed_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("created_by", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AllocationNote",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("kind", models.TextField()),
                ("text", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("person_id", models.UUIDField()),
                ("token", models.UUIDField(unique=True)),
                ("rank", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "WAITING"),
                            ("OFFERED", "OFFERED"),
                            ("BOUGHT", "BOUGHT"),
                            ("PASSED", "PASSED"),
                            ("EXPIRED", "EXPIRED"),
                            ("REFUSED", "REFUSED"),
                        ],
                        max_length=8,
                    ),
                ),
                ("joined_at", models.DateTimeField()),
                ("hold_id", models.UUIDField(null=True)),
                ("offered_at", models.DateTimeField(null=True)),
                ("until_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("case_text", models.TextField(blank=True, db_default="", default="")),
                ("decided_by", models.TextField(blank=True, db_default="", default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("is_chosen", models.BooleanField(null=True)),
                ("is_listed", models.BooleanField(db_default=False, default=False)),
                ("reason", models.TextField(blank=True, db_default="", default="")),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("invited_by", models.TextField()),
                ("invited_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="QuotaRule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("per_person", models.SmallIntegerField()),
                ("counts_household", models.BooleanField(default=False)),
                ("set_by", models.TextField()),
                ("set_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="QuotaUse",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("person_id", models.UUIDField()),
                ("client_id", models.UUIDField()),
                ("slot", models.SmallIntegerField()),
                ("allowed", models.SmallIntegerField()),
                ("hold_id", models.UUIDField()),
                ("order_line_id", models.UUIDField()),
                ("piece_id", models.UUIDField(null=True)),
                ("taken_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="hold",
            name="allocation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("allocation_id__isnull", False), ("client_id", None), ("state", "ACTIVE")),
                fields=["allocation_id"],
                name="hold_to_be_offered",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("allocation_id__isnull", False), ("state", "ACTIVE")),
                fields=["allocation_id"],
                name="hold_of_allocation",
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="maison",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.maison"),
        ),
        migrations.AddField(
            model_name="allocation",
            name="place",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.place"),
        ),
        migrations.AddField(
            model_name="allocation",
            name="reference",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.reference"
            ),
        ),
        migrations.AddField(
            model_name="allocationnote",
            name="allocation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.allocation"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="allocation",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.allocation"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"),
        ),
        migrations.AddField(
            model_name="entry",
            name="nominated_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.staff"
            ),
        ),
        migrations.AddField(
            model_name="allocationnote",
            name="entry",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.entry"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="allocation",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.allocation"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"),
        ),
        migrations.AddField(
            model_name="quotarule",
            name="maison",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.maison"),
        ),
        migrations.AddField(
            model_name="quotarule",
            name="model",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.model"
            ),
        ),
        migrations.AddField(
            model_name="quotause",
            name="maison",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.maison"
            ),
        ),
        migrations.AddField(
            model_name="quotause",
            name="model",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.model"
            ),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(
                condition=models.Q(("state", "ENDED"), _negated=True), fields=["opens_at"], name="allocation_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(fields=("maison", "code"), name="allocation_code_once"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(condition=models.Q(("pieces__gt", 0)), name="allocation_of_something"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("hold_seconds__gte", 5), ("hold_seconds__lte", 5184000)),
                name="offer_is_kept_for_a_while",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at", None), ("closes_at__gt", models.F("opens_at")), _connector="OR"),
                name="allocation_closes_after_it_opens",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("policy__in", ["BALLOT", "NOMINATIONS", "STANDING"]), _negated=True),
                    ("closes_at__isnull", False),
                    _connector="OR",
                ),
                name="what_is_ranked_closes_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("revealed_at", None), ("list_digest__isnull", False), _connector="OR"),
                name="seed_revealed_after_the_list_froze",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state", "ENDED")),
                    models.Q(models.Q(("state", "ENDED"), _negated=True), ("ended_at", None)),
                    _connector="OR",
                ),
                name="allocation_ends_once",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("state", "WAITING")), fields=["allocation", "rank"], name="entry_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["allocation", "state"], name="entry_by_state"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("allocation", "client"), name="one_entry_per_client"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("allocation", "person_id"), name="one_entry_per_person"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("allocation", "rank"), name="one_turn_each"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["OFFERED", "BOUGHT"])),
                fields=("hold_id",),
                name="piece_offered_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["OFFERED", "BOUGHT"]), _negated=True),
                    ("hold_id__isnull", False),
                    _connector="OR",
                ),
                name="offer_is_a_kept_piece",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_chosen", None),
                    models.Q(models.Q(("reason", ""), _negated=True), models.Q(("decided_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="decision_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("allocation", "client"), name="invited_once"),
        ),
        migrations.AddConstraint(
            model_name="quotarule",
            constraint=models.CheckConstraint(condition=models.Q(("per_person__gte", 1)), name="quota_of_at_least_one"),
        ),
        migrations.AddIndex(
            model_name="quotause",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["client_id", "model"], name="quota_of_client"
            ),
        ),
        migrations.AddIndex(
            model_name="quotause",
            index=models.Index(condition=models.Q(("ended_at", None)), fields=["hold_id"], name="quota_of_hold"),
        ),
        migrations.AddIndex(
            model_name="quotause",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("piece_id__isnull", False)),
                fields=["piece_id"],
                name="quota_of_piece",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("model", "person_id", "slot"),
                name="quota_slot_used_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotause",
            constraint=models.CheckConstraint(
                condition=models.Q(("slot__gte", 1), ("slot__lte", models.F("allowed"))), name="quota_never_exceeded"
            ),
        ),
        migrations.RunSQL("CREATE SEQUENCE stock_turn", "DROP SEQUENCE stock_turn"),
        append_only("stock_allocationnote"),
    ]
