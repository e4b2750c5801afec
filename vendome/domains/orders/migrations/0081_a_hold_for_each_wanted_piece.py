"""The index first, while returns go on being written; then the constraint takes it over."""

from django.db import migrations, models

INDEX = (
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS wanted_piece_has_its_own_hold ON orders_returnline (wanted_hold_id)"
)
TAKE_OVER = (
    "ALTER TABLE orders_returnline ADD CONSTRAINT wanted_piece_has_its_own_hold "
    "UNIQUE USING INDEX wanted_piece_has_its_own_hold"
)
AWAY = "ALTER TABLE orders_returnline DROP CONSTRAINT IF EXISTS wanted_piece_has_its_own_hold"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0080_exchanges_from_afar")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(INDEX, migrations.RunSQL.noop), migrations.RunSQL(TAKE_OVER, AWAY)],
            state_operations=[
                migrations.AddConstraint(
                    model_name="returnline",
                    constraint=models.UniqueConstraint(
                        fields=("wanted_hold_id",), name="wanted_piece_has_its_own_hold"
                    ),
                )
            ],
        )
    ]
