"""`mycelix settings`: every setting of the window's page, by the same names."""

from __future__ import annotations

from typing import Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened

app = typer.Typer(help="Settings of the profile.", no_args_is_help=True)


@app.command("list")
def list_settings(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List all settings with what each is for."""
    from mycelix_studio.settings import SETTINGS

    with opened(profile_dir) as studio:
        values = {setting.key: studio.settings.value(setting) for setting in SETTINGS}
        rows = [
            (setting.key, str(values[setting.key]), f"{setting.title}. {setting.description}") for setting in SETTINGS
        ]
        emit(values, table(("Setting", "Value", "For"), rows), as_json)


@app.command("set")
def set_setting(
    name: Annotated[str, typer.Argument(help="Such as look.zone; see `settings list`.")],
    value: Annotated[str, typer.Argument(help="true or false, a number, or text.")],
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Change a setting. An open Studio takes it at its next start."""
    from mycelix_studio.settings import SETTINGS

    setting = next((each for each in SETTINGS if each.key == name), None)
    if setting is None:
        raise typer.BadParameter(f"one of {', '.join(each.key for each in SETTINGS)}", param_hint="NAME")
    new: bool | int | str = value
    if isinstance(setting.default, bool):
        if value not in ("true", "false"):
            raise typer.BadParameter("true or false", param_hint="VALUE")
        new = value == "true"
    elif isinstance(setting.default, int):
        if not value.lstrip("-").isdigit():
            raise typer.BadParameter("a whole number", param_hint="VALUE")
        new = int(value)
    if setting.choices and new not in setting.choices:
        raise typer.BadParameter(f"one of {', '.join(map(str, setting.choices))}", param_hint="VALUE")
    with opened(profile_dir) as studio:
        if not dry_run:
            studio.settings.put(setting, new)
        emit({name: new, "dryRun": dry_run}, [f"{setting.title}: {new}"], as_json)
