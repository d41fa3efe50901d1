"""Let a questionnaire in force be followed by a corrected one, signed by both co-leads."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = "ck_consultation_amendment_kind"
BEFORE = "kind IN ('extend', 'close', 'correct', 'withdraw')"
AFTER = "kind IN ('extend', 'close', 'correct', 'withdraw', 'version')"


def allow_kinds(condition: str) -> None:
    """Say which kinds of amendments the table takes."""
    with op.batch_alter_table("consultation_amendment") as batch_op:
        batch_op.drop_constraint(op.f(KINDS), type_="check")
        batch_op.create_check_constraint(op.f(KINDS), condition)


def upgrade() -> None:
    """Make the table of corrections, and let amendments be of their kind."""
    op.create_table(
        "questionnaire_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_questionnaire_correction_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"],
            ["questionnaire_version.id"],
            name=op.f("fk_questionnaire_correction_corrects_id_questionnaire_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name=op.f("fk_questionnaire_correction_version_id_questionnaire_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_correction")),
        sa.UniqueConstraint("version_id", name=op.f("uq_questionnaire_correction_version_id")),
    )
    with op.batch_alter_table("questionnaire_correction") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_questionnaire_correction_consultation_id"), ["consultation_id"]
        )
        batch_op.create_index(
            "uq_questionnaire_correction_prepared",
            ["consultation_id"],
            unique=True,
            sqlite_where=sa.text("version_id IS NULL"),
            postgresql_where=sa.text("version_id IS NULL"),
        )
    allow_kinds(AFTER)


def downgrade() -> None:
    """Drop it; what was corrected stays in force, what says so goes."""
    op.execute("DELETE FROM consultation_amendment WHERE kind = 'version'")
    allow_kinds(BEFORE)
    op.drop_table("questionnaire_correction")
