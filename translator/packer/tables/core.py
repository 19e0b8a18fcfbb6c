"""Options of the components of Packer's core, and of the few plugins that a Plan understands."""

from __future__ import annotations

from bakelift.translator.packer.tables.communicators import COMMUNICATORS
from bakelift.translator.packer.tables.rows import (
    LATER,
    boolean,
    component,
    duration,
    mapping,
    number,
    numbers,
    string,
    strings,
)

#: Arguments that every provisioner takes, besides its own options. only, except and override are read apart.
PROVISIONER_META = (
    string("name"),
    strings("only"),
    strings("except"),
    mapping("override"),
    duration("pause_before", "0s"),
    duration("timeout"),
    number("max_retries", 0),
    boolean("continue_on_error", since="1.16.0"),
)

POST_PROCESSOR_META = (
    string("name"),
    strings("only"),
    strings("except"),
    boolean("keep_input_artifact", None),
)

_SCRIPTS = (
    strings("inline"),
    string("script", file=True),
    strings("scripts", file=True),
    strings("environment_vars"),
    mapping("env", since="1.8.0"),
)

_SHELL_LOCAL = (
    strings("inline", rendered_again=True),
    string("script", file=True),
    strings("scripts", file=True),
    string("command"),
    strings("environment_vars", rendered_again=True),
    mapping("env", since="1.8.0"),
    string("env_var_format", "%s='%s' "),
    strings("execute_command", ("/bin/sh", "-c", "{{.Vars}} {{.Script}}")),
    string("inline_shebang", "/bin/sh -e"),
    strings("only_on"),
    string("tempfile_extension"),
    boolean("use_linux_pathing"),
    numbers("valid_exit_codes", (0,)),
)

NULL = component("builder", "null", COMMUNICATORS)
FILE_BUILDER = component("builder", "file", (string("content"), string("source", file=True), string("target")))

SHELL = component(
    "provisioner",
    "shell",
    _SCRIPTS,
    (
        strings("inline", rendered_again=True),
        string("env_var_format", "%s='%s' "),
        boolean("use_env_var_file"),
        string("execute_command", "chmod +x {{.Path}}; {{.Vars}} {{.Path}}"),
        string("inline_shebang", "/bin/sh -e"),
        string("remote_folder", "/tmp"),
        string("remote_file"),
        string("remote_path"),
        boolean("binary"),
        boolean("skip_clean"),
        boolean("expect_disconnect"),
        duration("start_retry_timeout", "5m"),
        numbers("valid_exit_codes", (0,)),
        duration("pause_after", "0s"),
    ),
)

SHELL_LOCAL = component("provisioner", "shell-local", _SHELL_LOCAL)

FILE = component(
    "provisioner",
    "file",
    (
        string("source", file=True),
        strings("sources", file=True),
        string("content", since="1.7.5"),
        string("destination", required=True),
        string("direction", "upload"),
        boolean("generated"),
    ),
)

POWERSHELL = component(
    "provisioner",
    "powershell",
    _SCRIPTS,
    (
        string("remote_path"),
        string("remote_env_var_path"),
        string("env_var_format", '$env:%s="%s"; '),
        string("elevated_env_var_format", '$env:%s="%s"; '),
        string("execute_command"),
        string("elevated_execute_command"),
        string("elevated_user"),
        string("elevated_password", secret=True),
        string("execution_policy", "bypass"),
        boolean("use_pwsh", since=LATER),
        number("debug_mode", 0),
        boolean("binary"),
        boolean("skip_clean"),
        duration("start_retry_timeout", "5m"),
        numbers("valid_exit_codes", (0,)),
        duration("pause_after", "0s", since="1.8.0"),
    ),
)

WINDOWS_SHELL = component(
    "provisioner",
    "windows-shell",
    _SCRIPTS,
    (
        string("env_var_format", 'set "%s=%s" && '),
        string("execute_command", '{{.Vars}}"{{.Path}}"'),
        string("remote_path", "c:/Windows/Temp/script.bat"),
        boolean("binary"),
        duration("start_retry_timeout", "5m"),
        numbers("valid_exit_codes", (0,)),
    ),
)

WINDOWS_RESTART = component(
    "provisioner",
    "windows-restart",
    (
        string("restart_command", 'shutdown /r /f /t 0 /c "packer restart"'),
        string("restart_check_command"),
        duration("restart_timeout", "5m"),
        boolean("check_registry"),
        strings("registry_keys"),
    ),
)

WINDOWS_UPDATE = component(
    "provisioner",
    "windows-update",
    (
        string("search_criteria", "BrowseOnly=0 and IsInstalled=0"),
        strings("filters"),
        number("update_limit", 1000),
        number("update_max_retries", 5),
        duration("restart_timeout", "4h"),
        string("username", "SYSTEM"),
        string("password", secret=True),
    ),
)

BREAKPOINT = component("provisioner", "breakpoint", (string("note"), boolean("disable")))
SLEEP = component("provisioner", "sleep", (duration("duration", required=True),))

ANSIBLE = component(
    "provisioner",
    "ansible",
    (
        string("playbook_file", required=True, file=True),
        string("command", "ansible-playbook"),
        strings("extra_arguments"),
        strings("ansible_env_vars"),
        strings("groups"),
        strings("empty_groups"),
        string("host_alias", "default"),
        string("user"),
        number("local_port"),
        string("ssh_host_key_file", file=True),
        string("ssh_authorized_key_file", file=True),
        string("ansible_proxy_key_type", since=LATER),
        string("sftp_command", "/usr/lib/sftp-server -e"),
        boolean("use_sftp"),
        boolean("skip_version_check"),
        string("inventory_directory", file=True),
        string("inventory_file", file=True),
        string("inventory_file_template"),
        boolean("keep_inventory_file"),
        string("galaxy_file", file=True),
        string("galaxy_command", "ansible-galaxy"),
        boolean("galaxy_force_install"),
        boolean("galaxy_force_with_deps", since=LATER),
        string("roles_path"),
        string("collections_path"),
        boolean("use_proxy", True),
        boolean("ansible_winrm_use_http", since=LATER),
        strings("ansible_ssh_extra_args"),
    ),
)

ANSIBLE_LOCAL = component(
    "provisioner",
    "ansible-local",
    (
        string("playbook_file", file=True),
        strings("playbook_files", file=True),
        string("playbook_dir", file=True),
        strings("playbook_paths", file=True),
        strings("role_paths", file=True),
        strings("collection_paths", file=True, since=LATER),
        string("group_vars", file=True),
        string("host_vars", file=True),
        strings("extra_arguments"),
        string("command", "ANSIBLE_FORCE_COLOR=1 PYTHONUNBUFFERED=1 ansible-playbook"),
        string("staging_directory"),
        boolean("clean_staging_directory"),
        string("inventory_file", file=True),
        strings("inventory_groups"),
        string("galaxy_file", file=True),
        string("galaxy_command", "ansible-galaxy"),
        boolean("galaxy_force_install", since=LATER),
        string("galaxy_roles_path", since=LATER),
        string("galaxy_collections_path", since=LATER),
    ),
)

ARTIFICE = component("post-processor", "artifice", (strings("files"), boolean("keep_input_artifact", None)))
CHECKSUM = component("post-processor", "checksum", (strings("checksum_types", ("md5",)), string("output")))
COMPRESS = component(
    "post-processor",
    "compress",
    (
        string("output"),
        string("format"),
        number("compression_level", 6),
        string("archive"),
        string("algorithm"),
    ),
)
MANIFEST = component(
    "post-processor",
    "manifest",
    (string("output", "packer-manifest.json"), boolean("strip_path"), boolean("strip_time"), mapping("custom_data")),
)
SHELL_LOCAL_POST = component("post-processor", "shell-local", _SHELL_LOCAL)

NULL_DATA = component("data", "null", (string("input", required=True),))
HTTP_DATA = component(
    "data",
    "http",
    (string("url", required=True), string("method", "GET"), mapping("request_headers"), string("request_body")),
)

COMPONENTS = {
    (c.kind, c.type): c
    for c in (
        NULL,
        FILE_BUILDER,
        SHELL,
        SHELL_LOCAL,
        FILE,
        POWERSHELL,
        WINDOWS_SHELL,
        WINDOWS_RESTART,
        WINDOWS_UPDATE,
        BREAKPOINT,
        SLEEP,
        ANSIBLE,
        ANSIBLE_LOCAL,
        ARTIFICE,
        CHECKSUM,
        COMPRESS,
        MANIFEST,
        SHELL_LOCAL_POST,
        NULL_DATA,
        HTTP_DATA,
    )
}
