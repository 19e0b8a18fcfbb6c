"""The ``sudo`` of a sandbox. Where steps are root it gives nothing; where they are the build user, the shell that runs
it is root by its set-user-id bit (and has, as root, no more than the sandbox allows), and it asks for no password.

It takes sudo's options, gives the command the environment that sudo's defaults on Debian give (``env_reset``,
``secure_path``; all of it with -E), never asks for a password, and becomes another user with -u and -g.
"""

from __future__ import annotations

SHIM = r"""#!/bin/sh
# sudo of a bakelift sandbox: its shell is root.
if [ "$(id -ru)" != 0 ]; then
  export BAKELIFT_SUDO="$(id -run) $(id -ru) $(id -rg)"
  exec setpriv --reuid 0 --regid 0 --clear-groups /bin/sh "$0" "$@"
fi
_by=${BAKELIFT_SUDO:-root 0 0}
unset BAKELIFT_SUDO
usage() { echo "usage: sudo [-AbEHknPSVvKils] [-u user] [-g group] [VAR=value] [command]" >&2; exit 1; }
_kept= _uid= _entry= _user=root _group= _keep= _home= _login= _shell= _background= _nothing=
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    --user=*) _user=${1#*=} ;;
    --group=*) _group=${1#*=} ;;
    --preserve-env*) _keep=1 ;;
    --set-home) _home=1 ;;
    --login) _login=1 ;;
    --shell) _shell=1 ;;
    --background) _background=1 ;;
    --validate|--list|--reset-timestamp|--remove-timestamp) _nothing=1 ;;
    --version) echo "Sudo version 1.9 (bakelift sandbox)"; exit 0 ;;
    --non-interactive|--stdin|--askpass|--preserve-groups|--prompt=*|--host=*|--chdir=*) ;;
    --user) shift; _user=$1 ;;
    --group) shift; _group=$1 ;;
    --*) echo "sudo: unrecognized option '$1'" >&2; usage ;;
    -?*)
      _flags=${1#-}
      while [ -n "$_flags" ]; do
        _flag=${_flags%"${_flags#?}"}; _flags=${_flags#?}
        case $_flag in
          A|n|S|P|B) ;;
          b) _background=1 ;;
          E) _keep=1 ;;
          H) _home=1 ;;
          i) _login=1 ;;
          s) _shell=1 ;;
          k|K|v|l) _nothing=1 ;;
          V) echo "Sudo version 1.9 (bakelift sandbox)"; exit 0 ;;
          u|g|p|C|h|r|t|T|U|D|R|c|a)
            if [ -z "$_flags" ]; then shift; [ $# -gt 0 ] || usage; _flags=$1; fi
            case $_flag in u) _user=$_flags ;; g) _group=$_flags ;; D) cd "$_flags" || exit 1 ;; esac
            _flags= ;;
          *) echo "sudo: invalid option -- '$_flag'" >&2; usage ;;
        esac
      done ;;
    *) break ;;
  esac
  shift
done
case $_user in
  '#'*) _uid=${_user#?}; _entry=$(getent passwd "$_uid" 2>/dev/null || grep "^[^:]*:[^:]*:$_uid:" /etc/passwd) ;;
  *) _entry=$(grep "^$_user:" /etc/passwd || getent passwd "$_user" 2>/dev/null) ;;
esac
if [ -n "$_entry" ]; then
  _rest=$_entry; _user=${_rest%%:*}; _rest=${_rest#*:*:}; _uid=${_rest%%:*}; _rest=${_rest#*:}; _gid=${_rest%%:*}
  _rest=${_rest#*:*:}; _target_home=${_rest%%:*}; _target_shell=${_rest#*:}
elif [ "$_user" = root ]; then
  _uid=0 _gid=0 _target_home=/root _target_shell=/bin/sh
elif [ -n "$_uid" ]; then
  _gid=0 _target_home=/ _target_shell=/bin/sh
else
  echo "sudo: unknown user $_user" >&2; exit 1
fi
if [ -n "$_group" ]; then
  case $_group in
    '#'*) _gid=${_group#?} ;;
    *)
      _entry=$(grep "^$_group:" /etc/group || getent group "$_group" 2>/dev/null)
      [ -n "$_entry" ] || { echo "sudo: unknown group $_group" >&2; exit 1; }
      _entry=${_entry#*:*:}; _gid=${_entry%%:*} ;;
  esac
fi
[ -n "$_target_shell" ] || _target_shell=/bin/sh
while :; do
  case $1 in
    [A-Za-z_]*=*)
      _name=${1%%=*}
      case $_name in *[!A-Za-z0-9_]*) break ;; esac
      export "$1"; _kept="$_kept $_name"; shift ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ] && [ -z "$_login$_shell" ]; then
  [ -n "$_nothing" ] && exit 0
  usage
fi
if [ -n "$_login$_shell" ]; then
  _program=$_target_shell
  [ -n "$_login" ] || _program=${SHELL:-$_target_shell}
  _login_flag=${_login:+-l}
  if [ $# -gt 0 ]; then
    _words=
    for _word; do
      _words="$_words $(printf '%s' "$_word" | sed 's/[^A-Za-z0-9_$-]/\\&/g')"
    done
    set -- "$_program" $_login_flag -c "${_words# }"
  else
    set -- "$_program" $_login_flag
  fi
  [ -n "$_login" ] && { cd "$_target_home" 2>/dev/null || cd /; }
fi
SUDO_COMMAND=$* SUDO_USER=${_by%% *} SUDO_GID=${_by##* } SUDO_UID=${_by#* }
SUDO_UID=${SUDO_UID% *}
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ -n "$_keep" ] && [ -z "$_home" ] || HOME=$_target_home
LOGNAME=$_user USER=$_user SHELL=$_target_shell
export SUDO_COMMAND SUDO_USER SUDO_UID SUDO_GID PATH HOME LOGNAME USER SHELL
if ! command -v "$1" >/dev/null; then
  echo "sudo: $1: command not found" >&2; exit 1
fi
if [ "$_uid $_gid" != "0 0" ]; then
  _groups=--clear-groups
  [ -n "$_group" ] || ! grep -q "^$_user:" /etc/passwd || _groups=--init-groups
  set -- setpriv --reuid "$_uid" --regid "$_gid" "$_groups" "$@"
fi
if [ -z "$_keep" ]; then
  for _name in $_kept TERM COLORTERM LANG LANGUAGE LC_ALL LC_CTYPE DISPLAY LS_COLORS \
    SUDO_COMMAND SUDO_USER SUDO_UID SUDO_GID PATH HOME LOGNAME USER SHELL; do
    eval "[ \"\${$_name+set}\" ]" || continue
    eval "set -- \"$_name=\$$_name\" \"\$@\""
  done
  set -- env -i "$@"
fi
if [ -n "$_background" ]; then "$@" & exit 0; fi
exec "$@"
"""
