"""Where a courier comes to, what is kept for an exchange, and the words of a gift as it is at the counter."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


OLD_AND_NEW = (
    (
        "{en,client}",
        "A gift may be exchanged, or become a credit in your own name, until {last_day}. Whoever gave it is not told.",
        (
            "A gift may be exchanged, or become a credit note that is yours to spend or to give, until {last_day}. "
            "Whoever gave it is not told."
        ),
    ),
    (
        "{en,staff}",
        "Gift, within 60 days: exchange or credit in the recipient’s name. Show neither the giver nor the price she paid.",
        (
            "Gift, within 60 days: exchange, or a credit note for whoever holds its code. Do not say who gave it; its price is "
            "told only as the credit it becomes."
        ),
    ),
    (
        "{fr,client}",
        (
            "Un cadeau peut être échangé, ou devenir un avoir à votre nom, jusqu’au {last_day}. La personne qui l’a offert "
            "n’en sait rien."
        ),
        (
            "Un cadeau peut être échangé, ou devenir un avoir que vous dépensez ou offrez, jusqu’au {last_day}. La personne "
            "qui l’a offert n’en sait rien."
        ),
    ),
    (
        "{fr,staff}",
        "Cadeau, sous 60 jours : échange ou avoir au nom de la personne qui l’a reçu. Ne montrer ni le donateur ni le prix.",
        (
            "Cadeau, sous 60 jours : échange, ou avoir pour qui en détient le code. Ne pas dire qui l’a offert ; son prix ne se "
            "lit que dans l’avoir qu’il devient."
        ),
    ),
)
CORRECT_WORDS = """
    UPDATE orders_returnrule SET words = jsonb_set(words, %s::text[], to_jsonb(%s::text))
    WHERE code = 'house.gift' AND words #>> %s::text[] = %s
"""


def correct_words(apps, schema_editor):
    """A credit note is nobody's by name; what a house has worded itself stays as it is."""
    with schema_editor.connection.cursor() as cursor:
        for path, old, new in OLD_AND_NEW:
            cursor.execute(CORRECT_WORDS, [path, new, path, old])


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_initial"),
        ("clients", "0003_file_readings"),
        ("house", "0010_sourcing"),
        ("orders", "0071_withdrawn_lines"),
    ]

    operations = [
        migrations.AddField(
            model_name="return",
            name="pickup_address",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="return",
            name="pickup_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="return",
            name="pickup_phone",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="returnline",
            name="wanted_hold_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="returnline",
            name="wanted_price",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="returnline",
            name="wanted_reference",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalogue.reference",
            ),
        ),
        AddConstraintNotValid(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("route", "COURIER"), models.Q(("pickup_address", []), ("pickup_date", None)), _connector="OR"
                ),
                name="only_a_courier_comes_for_it",
            ),
        ),
        AddConstraintNotValid(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("wanted_hold_id", None), ("wanted_price__isnull", True), ("wanted_reference", None)),
                    models.Q(
                        ("quantity", 1),
                        ("wanted_hold_id__isnull", False),
                        ("wanted_price__isnull", False),
                        ("wanted_reference__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="exchange_of_one_piece_for_one",
            ),
        ),
        migrations.RunPython(correct_words, migrations.RunPython.noop),
    ]
