"""Read one file from standard input within limits; print what it gives. Started by ``guarding``."""

import resource
import sys

import msgspec

from consult.surveys.importing import MAX_BYTES, read

MEMORY, SECONDS = 768 * 1024 * 1024, 20


def main() -> None:
    """Limit memory, time and files, then read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    found = read(content, sys.argv[1] if len(sys.argv) > 1 else "")
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
