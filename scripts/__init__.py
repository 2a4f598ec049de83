"""What `make` calls: set-up, the embedded servers, the supervisor behind `make run`, translations."""


def missing_package(package: str, *, instead: str | None = None) -> str:
    """What to tell somebody whose environment lacks a package of the dependency group `local`.

    `instead` is the variable that makes the package unnecessary when it is set.
    """
    return (
        f"The package {package} is missing: install it with `make setup`{f' or set {instead}' if instead else ''}. "
        'On a production server, start the platform as "Going live" in README.md says.'
    )
