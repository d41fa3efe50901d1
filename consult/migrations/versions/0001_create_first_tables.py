"""Create the first tables: people, tables, consultations, questionnaires, responses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


TEXTS = sa.JSON().with_variant(JSONB(), "postgresql")
AUDIT_TABLES = ("audit_entry", "audit_seal")


def refuse_changes() -> None:
    """Make the audit log append-only in the database itself."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
        for table in AUDIT_TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
            )
        return
    for table in AUDIT_TABLES:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            )


def allow_changes() -> None:
    """Take the guards away before the tables go (SQLite drops them with the tables)."""
    if op.get_bind().dialect.name == "postgresql":
        for table in AUDIT_TABLES:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION audit_is_append_only()")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("locale IN ('fr', 'en')", name=op.f("ck_account_locale")),
        sa.CheckConstraint(
            "state IN ('invited', 'active', 'suspended')", name=op.f("ck_account_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(
            "ix_audit_entry_subject", ["subject_kind", "subject_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_audit_entry_table_id"), ["table_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'done', 'failed')", name=op.f("ck_event_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_waiting", ["state", "due_at"], unique=False)

    op.create_table(
        "mail_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'unsure')",
            name=op.f("ck_mail_message_state"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_mail_message_event_id_event"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
    )
    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.create_index("ix_mail_message_waiting", ["state", "due_at"], unique=False)
        batch_op.create_index(
            "uq_mail_message_event_recipient", ["event_id", "recipient"], unique=True
        )

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=60), nullable=True),
        sa.Column("file", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_job_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("token", name=op.f("uq_job_token")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_state"), ["state"], unique=False)
        batch_op.create_index(
            "ix_job_subject", ["kind", "subject_kind", "subject_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_job_table_id"), ["table_id"], unique=False)

    op.create_table(
        "territory",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("level", sa.String(length=3), nullable=False),
        sa.Column("parent_code", sa.String(length=8), nullable=True),
        sa.Column("name", TEXTS, nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("is_fictional", sa.Boolean(), nullable=False),
        sa.CheckConstraint("level IN ('rss', 'rts', 'rls')", name=op.f("ck_territory_level")),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["territory.code"], name=op.f("fk_territory_parent_code_territory")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_territory")),
    )
    with op.batch_alter_table("territory", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_territory_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "account_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_account_session_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_session_token_hash")),
    )
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_session_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_account_session_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "audit_seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_seal_entry_id_audit_entry")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seal_entry_id")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('invitation', 'reset', 'first')", name=op.f("ck_one_time_link_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_one_time_link_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_one_time_link_account_id"), ["account_id"], unique=False
        )

    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("name", TEXTS, nullable=False),
        sa.Column("territory_code", sa.String(length=8), nullable=True),
        sa.Column("language_policy", sa.String(length=18), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('ministry', 'network', 'institution', 'local_network', 'partner')",
            name=op.f("ck_organisation_kind"),
        ),
        sa.CheckConstraint(
            "language_policy IN ('fr_only', 'fr_first_en_gated', 'bilingual')",
            name=op.f("ck_organisation_language_policy"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["territory_code"],
            ["territory.code"],
            name=op.f("fk_organisation_territory_code_territory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_path"), ["path"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_organisation_territory_code"), ["territory_code"], unique=False
        )

    op.create_table(
        "advisory_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXTS, nullable=False),
        sa.Column("purpose", TEXTS, nullable=False),
        sa.Column("mandate", TEXTS, nullable=False),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('forming', 'active', 'paused', 'closed')",
            name=op.f("ck_advisory_table_state"),
        ),
        sa.CheckConstraint(
            "visibility IN ('public', 'listed', 'private')",
            name=op.f("ck_advisory_table_visibility"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_advisory_table_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advisory_table")),
        sa.UniqueConstraint("code", name=op.f("uq_advisory_table_code")),
    )
    with op.batch_alter_table("advisory_table", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_advisory_table_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "staff_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "role IN ('organisation_admin', 'analyst', 'officer', 'translator', 'researcher', 'privacy_officer', 'platform_admin')",
            name=op.f("ck_staff_grant_role"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_staff_grant_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_staff_grant_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_grant")),
    )
    with op.batch_alter_table("staff_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_grant_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_staff_grant_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            "uq_staff_grant", ["account_id", "organisation_id", "role"], unique=True
        )

    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("iap2_level", sa.String(length=11), nullable=False),
        sa.Column("title", TEXTS, nullable=False),
        sa.Column("summary", TEXTS, nullable=False),
        sa.Column("promise", TEXTS, nullable=False),
        sa.Column("can_change", TEXTS, nullable=False),
        sa.Column("cannot_change", TEXTS, nullable=False),
        sa.Column("who", TEXTS, nullable=False),
        sa.Column("notice_who", TEXTS, nullable=False),
        sa.Column("notice_why", TEXTS, nullable=False),
        sa.Column("notice_how", TEXTS, nullable=False),
        sa.Column("notice_rights", TEXTS, nullable=False),
        sa.Column("notice_retention", TEXTS, nullable=False),
        sa.Column("retention_months", sa.Integer(), nullable=False),
        sa.Column("necessity", TEXTS, nullable=False),
        sa.Column("ethics", TEXTS, nullable=False),
        sa.Column("response_due", sa.Date(), nullable=True),
        sa.Column("published_notice", sa.Integer(), nullable=True),
        sa.Column("reviewed", sa.JSON(), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "iap2_level IN ('inform', 'consult', 'involve', 'collaborate', 'empower')",
            name=op.f("ck_consultation_iap2_level"),
        ),
        sa.CheckConstraint(
            "state IN ('draft','review','announced','open','analysing','responding','following','archived')",
            name=op.f("ck_consultation_state"),
        ),
        sa.ForeignKeyConstraint(
            ["table_id"],
            ["advisory_table.id"],
            name=op.f("fk_consultation_table_id_advisory_table"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("code", name=op.f("uq_consultation_code")),
    )
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consultation_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_consultation_table_id"), ["table_id"], unique=False)

    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("title", TEXTS, nullable=False),
        sa.Column("alternate_of_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('partner', 'staff', 'observer', 'facilitator', 'co_lead_partner', 'co_lead_staff')",
            name=op.f("ck_seat_role"),
        ),
        sa.ForeignKeyConstraint(
            ["alternate_of_id"], ["seat.id"], name=op.f("fk_seat_alternate_of_id_seat")
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["advisory_table.id"], name=op.f("fk_seat_table_id_advisory_table")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
    )
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_table_id"), ["table_id"], unique=False)

    op.create_table(
        "consultation_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("capacity", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "place IN ('partner', 'staff')", name=op.f("ck_consultation_signature_place")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_consultation_signature_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_consultation_signature_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_signature")),
    )
    with op.batch_alter_table("consultation_signature", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consultation_signature_consultation_id"),
            ["consultation_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_consultation_signature",
            ["consultation_id", "target", "place", "content_hash"],
            unique=True,
        )

    op.create_table(
        "draft",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_draft_consultation_id_consultation"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_draft")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_draft_consultation_id"), ["consultation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_draft_expires_on"), ["expires_on"], unique=False)

    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_named_publicly", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status IN ('invited', 'active', 'ended')", name=op.f("ck_mandate_status")
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_mandate_dates")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mandate_account_id_account")
        ),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_mandate_seat_id_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    with op.batch_alter_table("mandate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mandate_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mandate_seat_id"), ["seat_id"], unique=False)
        batch_op.create_index(
            "uq_mandate_live_seat",
            ["seat_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'ended'"),
            postgresql_where=sa.text("status <> 'ended'"),
        )

    op.create_table(
        "notice_version",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_notice_version_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("consultation_id", "number", name=op.f("pk_notice_version")),
    )
    op.create_table(
        "phase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("activities", sa.JSON(), nullable=False),
        sa.Column("moderation", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "kind IN ('inform', 'answer', 'discuss', 'prioritise', 'synthesise', 'respond', 'follow_up')",
            name=op.f("ck_phase_kind"),
        ),
        sa.CheckConstraint(
            "moderation IN ('open', 'first_posts', 'before_publication')",
            name=op.f("ck_phase_moderation"),
        ),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_phase_dates")),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_phase_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase")),
    )
    with op.batch_alter_table("phase", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_phase_consultation_id"), ["consultation_id"], unique=False
        )

    op.create_table(
        "consultation_amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("phase_id", sa.Integer(), nullable=True),
        sa.Column("old_day", sa.Date(), nullable=True),
        sa.Column("new_day", sa.Date(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", TEXTS, nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('extend', 'close', 'correct', 'withdraw')",
            name=op.f("ck_consultation_amendment_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'applied', 'dropped')",
            name=op.f("ck_consultation_amendment_state"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('extend', 'close') OR "
            "(phase_id IS NOT NULL AND old_day IS NOT NULL AND new_day IS NOT NULL)",
            name=op.f("ck_consultation_amendment_days"),
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_consultation_amendment_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["phase_id"],
            ["phase.id"],
            name=op.f("fk_consultation_amendment_phase_id_phase"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["account.id"],
            name=op.f("fk_consultation_amendment_proposed_by_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_amendment")),
    )
    with op.batch_alter_table("consultation_amendment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consultation_amendment_consultation_id"),
            ["consultation_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_consultation_amendment_proposed",
            ["consultation_id"],
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.create_table(
        "questionnaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title", TEXTS, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_questionnaire_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["table_id"],
            ["advisory_table.id"],
            name=op.f("fk_questionnaire_table_id_advisory_table"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire")),
        sa.UniqueConstraint(
            "consultation_id", "code", name=op.f("uq_questionnaire_consultation_id_code")
        ),
    )
    with op.batch_alter_table("questionnaire", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_questionnaire_consultation_id"), ["consultation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_questionnaire_table_id"), ["table_id"], unique=False)

    op.create_table(
        "withdrawn_response",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_withdrawn_response_consultation_id_consultation"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_withdrawn_response")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("withdrawn_response", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_withdrawn_response_consultation_id"), ["consultation_id"], unique=False
        )

    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'live', 'superseded')",
            name=op.f("ck_questionnaire_version_status"),
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_version_questionnaire_id_questionnaire"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_version")),
        sa.UniqueConstraint(
            "questionnaire_id",
            "number",
            name=op.f("uq_questionnaire_version_questionnaire_id_number"),
        ),
    )
    with op.batch_alter_table("questionnaire_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_questionnaire_version_questionnaire_id"),
            ["questionnaire_id"],
            unique=False,
        )

    op.create_table(
        "response",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("notice_number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('web', 'paper', 'assisted', 'kiosk')", name=op.f("ck_response_channel")
        ),
        sa.CheckConstraint("lang IN ('fr', 'en')", name=op.f("ck_response_lang")),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_response_consultation_id_consultation"),
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_response_questionnaire_id_questionnaire"),
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["advisory_table.id"], name=op.f("fk_response_table_id_advisory_table")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name=op.f("fk_response_version_id_questionnaire_version"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_response")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(
            "ix_response_consultation_chunk", ["consultation_id", "chunk"], unique=False
        )
        batch_op.create_index(
            "ix_response_consultation_key", ["consultation_id", "key"], unique=False
        )
        batch_op.create_index(
            "ix_response_live_tail",
            ["questionnaire_id"],
            unique=False,
            sqlite_where=sa.text("chunk IS NULL"),
            postgresql_where=sa.text("chunk IS NULL"),
        )

    op.create_table(
        "response_consent",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('research', 'quote')", name=op.f("ck_response_consent_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["key"],
            ["response.key"],
            name=op.f("fk_response_consent_key_response"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "purpose", name=op.f("pk_response_consent")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response_revision",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key"],
            ["response.key"],
            name=op.f("fk_response_revision_key_response"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name=op.f("fk_response_revision_version_id_questionnaire_version"),
        ),
        sa.PrimaryKeyConstraint("key", "revision", name=op.f("pk_response_revision")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response_text",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key"],
            ["response.key"],
            name=op.f("fk_response_text_key_response"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "item", name=op.f("pk_response_text")),
        sqlite_with_rowid=False,
    )
    refuse_changes()


def downgrade() -> None:
    allow_changes()
    op.drop_table("response_text")
    op.drop_table("response_revision")
    op.drop_table("response_consent")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_response_live_tail",
            sqlite_where=sa.text("chunk IS NULL"),
            postgresql_where=sa.text("chunk IS NULL"),
        )
        batch_op.drop_index("ix_response_consultation_key")
        batch_op.drop_index("ix_response_consultation_chunk")

    op.drop_table("response")
    with op.batch_alter_table("questionnaire_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_questionnaire_version_questionnaire_id"))

    op.drop_table("questionnaire_version")
    with op.batch_alter_table("withdrawn_response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_withdrawn_response_consultation_id"))

    op.drop_table("withdrawn_response")
    with op.batch_alter_table("questionnaire", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_questionnaire_table_id"))
        batch_op.drop_index(batch_op.f("ix_questionnaire_consultation_id"))

    op.drop_table("questionnaire")
    with op.batch_alter_table("consultation_amendment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_consultation_amendment_proposed",
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )
        batch_op.drop_index(batch_op.f("ix_consultation_amendment_consultation_id"))

    op.drop_table("consultation_amendment")
    with op.batch_alter_table("phase", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_phase_consultation_id"))

    op.drop_table("phase")
    op.drop_table("notice_version")
    with op.batch_alter_table("mandate", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mandate_live_seat",
            sqlite_where=sa.text("status <> 'ended'"),
            postgresql_where=sa.text("status <> 'ended'"),
        )
        batch_op.drop_index(batch_op.f("ix_mandate_seat_id"))
        batch_op.drop_index(batch_op.f("ix_mandate_account_id"))

    op.drop_table("mandate")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_expires_on"))
        batch_op.drop_index(batch_op.f("ix_draft_consultation_id"))

    op.drop_table("draft")
    with op.batch_alter_table("consultation_signature", schema=None) as batch_op:
        batch_op.drop_index("uq_consultation_signature")
        batch_op.drop_index(batch_op.f("ix_consultation_signature_consultation_id"))

    op.drop_table("consultation_signature")
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seat_table_id"))

    op.drop_table("seat")
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consultation_table_id"))
        batch_op.drop_index(batch_op.f("ix_consultation_state"))

    op.drop_table("consultation")
    with op.batch_alter_table("staff_grant", schema=None) as batch_op:
        batch_op.drop_index("uq_staff_grant")
        batch_op.drop_index(batch_op.f("ix_staff_grant_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_staff_grant_account_id"))

    op.drop_table("staff_grant")
    with op.batch_alter_table("advisory_table", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_advisory_table_organisation_id"))

    op.drop_table("advisory_table")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_territory_code"))
        batch_op.drop_index(batch_op.f("ix_organisation_path"))
        batch_op.drop_index(batch_op.f("ix_organisation_parent_id"))

    op.drop_table("organisation")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_account_id"))

    op.drop_table("one_time_link")
    op.drop_table("audit_seal")
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_account_session_account_id"))

    op.drop_table("account_session")
    with op.batch_alter_table("territory", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_territory_parent_code"))

    op.drop_table("territory")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_table_id"))
        batch_op.drop_index("ix_job_subject")
        batch_op.drop_index(batch_op.f("ix_job_state"))

    op.drop_table("job")
    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.drop_index("uq_mail_message_event_recipient")
        batch_op.drop_index("ix_mail_message_waiting")

    op.drop_table("mail_message")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_waiting")

    op.drop_table("event")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_table_id"))
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index(batch_op.f("ix_audit_entry_actor_id"))

    op.drop_table("audit_entry")
    op.drop_table("account")
