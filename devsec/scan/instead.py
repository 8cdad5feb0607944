"""What is written instead of a secret in a file that is no Python? Each format has its own way of reading one."""

from __future__ import annotations

from devsec.catalog.rule import Cure
from devsec.finding import Fix
from devsec.globs import matches
from devsec.levels import Safety
from devsec.scan import plain

# The first glob that matches decides. $ is where the name goes.
_WAYS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((".github/workflows/*.yml", ".github/workflows/*.yaml", ".github/actions/**"),
     "write ${{ secrets.$ }} and add $ to the repository's secrets"),
    ((".gitlab-ci.yml", "*.gitlab-ci.yml"), 'write "${$}" and add $ as a masked CI/CD variable'),
    (("docker-compose*.yml", "docker-compose*.yaml", "compose*.yml", "compose*.yaml"),
     "write ${$:?} and set $ where compose is started, or use its `secrets:`"),
    (("Dockerfile", "Dockerfile.*", "*.Dockerfile", "Containerfile"),
     "use RUN --mount=type=secret,id=$ while building, and the container's environment at run time: ENV and ARG stay in the image"),
    (("*.tf", "*.tfvars", "*.hcl"), 'declare variable "$" with sensitive = true, and set TF_VAR_$'),
    (("*.sh", "*.bash", "*.zsh", "*.ksh", ".envrc"), 'write "${$:?}" and set $ where it runs'),
    ((".env", ".env.*", "*.env"), "keep this file out of git (.gitignore), and commit .env.example with $= instead"),
    (("*.js", "*.jsx", "*.ts", "*.tsx", "*.mjs", "*.cjs", "*.vue", "*.svelte"), "read process.env.$"),
    (("*.go",), 'read os.Getenv("$")'),
    (("*.rb",), 'read ENV.fetch("$")'),
    (("*.java", "*.kt", "*.scala", "*.groovy"), 'read System.getenv("$")'),
    (("*.php",), "read getenv('$')"),
    (("*.rs",), 'read std::env::var("$")'),
    (("*.cs",), 'read Environment.GetEnvironmentVariable("$")'),
    (("*.ipynb",), 'read os.environ["$"] in the cell, and clear the outputs'),
    (("*.md", "*.rst", "*.txt", "*.adoc"), "write a placeholder such as <$>"),
)  # fmt: skip
_ANY = "keep it in a store of secrets or the environment, under a name such as $"


def instead(cure: Cure, path: str, setting: str = "") -> Fix:
    """A cure of a finding in a file that is no Python: what to write there. `setting` is the name its value has there."""
    if cure.take_out is None:
        return advice(cure)
    way = next((text for globs, text in _WAYS if matches(path, globs)), _ANY)
    name = cure.setting or plain.words(setting).upper() or "THE_SECRET"
    said = way.replace("${{", "\0").replace("${", "\1").replace("$", name).replace("\0", "${{").replace("\1", "${")
    return advice(cure, said)


def advice(cure: Cure, more: str = "") -> Fix:
    """The cure as words."""
    note = ". ".join(text.rstrip(".") for text in (more, cure.note) if text)
    road = cure.road or (cure.take_out.road if cure.take_out else "")
    return Fix(cure.title, Safety.ADVICE, (), (), road, "", note)


def out_of_git(cure: Cure, path: str) -> Fix:
    """A cure of a file that should not be in the repository: the line for .gitignore that names it."""
    # Source: gitignore(5), "Pattern format". A slash first: this file, and none of its name in another folder.
    line = "/" + "".join("\\" + sign if sign in "\\*?[" else sign for sign in path)
    if line.endswith(" "):
        line = line[:-1] + "\\ "
    return advice(cure)._replace(ignore="" if "\n" in path or path.startswith("/") else line)
