"""Run migrations on the application's own engine, in one transaction each."""

from alembic import context
from flask import current_app

from consult.core.db import Base, db


def run() -> None:
    """Migrate over a connection that follows the transaction rules of ``core/db.py``."""
    options = dict(current_app.extensions["migrate"].configure_args)
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET lock_timeout = '10s'")
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
