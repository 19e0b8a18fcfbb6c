#!/bin/sh
# Prints what is on this machine as JSON: packages, files with their sha256, services, users, groups.
# It needs a POSIX shell, awk, find, stat and sha256sum, and changes nothing. Run it as root:
#
#     sudo sh inventory.sh > image.json
#
# An argument is the root to look at, of a mounted disk for example.
set -eu
LC_ALL=C
export LC_ALL
umask 077

root=${1:-/}
cd "$root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Everything but what is made at boot, and what is mounted from elsewhere.
listed() {
    find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./tmp -o -path ./var/tmp \
        -o -path "$work" -o -path ".$work" \) -prune -o "$@"
}

mark=$(printf '\001')
listed -exec stat -c "$mark%a|%u|%g|%s|%F|%n" {} + > "$work/stat" 2> /dev/null || true
listed -type f -exec sha256sum {} + > "$work/sums" 2> /dev/null || true
listed -type l -exec sh -c 'for link; do printf "\001%s\002%s\n" "$link" "$(readlink "$link")"; done' sh {} + \
    > "$work/links" 2> /dev/null || true

escape='
function text(s) {
    gsub(/\\/, "&&", s)
    gsub(/"/, "\\\\&", s)
    gsub(/\t/, "\\t", s)
    gsub(/\n/, "\\n", s)
    gsub(/\r/, "\\r", s)
    gsub(/[\001-\037]/, "?", s)
    return "\"" s "\""
}'

printf '{"bakelift_inventory": 1, "system": "linux",\n"packages": {'
if [ -f var/lib/dpkg/status ]; then
    awk "$escape"'
        /^Package: / { name = substr($0, 10); installed = 0 }
        /^Status: / { installed = ($0 ~ / installed$/) }
        /^Architecture: / { architecture = $2 }
        /^Version: / { version = substr($0, 10) }
        /^$/ { show() }
        END { show() }
        function show() {
            if (name != "" && installed) {
                printf "%s\n%s: %s", separator, text(name ":" architecture), text(version)
                separator = ","
            }
            name = ""
        }' var/lib/dpkg/status
elif command -v rpm > /dev/null 2>&1; then
    rpm --root "$(pwd)" -qa --qf '%{NAME}:%{ARCH}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' 2> /dev/null | sort |
        awk -F '\t' "$escape"'{ printf "%s\n%s: %s", separator, text($1), text($2); separator = "," }'
elif [ -f lib/apk/db/installed ]; then
    awk "$escape"'
        /^P:/ { name = substr($0, 3) }
        /^A:/ { architecture = substr($0, 3) }
        /^V:/ { version = substr($0, 3) }
        /^$/ { if (name != "") { printf "%s\n%s: %s", separator, text(name ":" architecture), text(version); separator = "," } name = "" }
        ' lib/apk/db/installed
fi

printf '},\n"services": {'
for link in etc/systemd/system/*.wants/* etc/systemd/system/*.requires/*; do
    [ -L "$link" ] || continue
    printf '%s\t%s\n' "${link##*/}" "${link%/*}"
done | sort -u | awk -F '\t' "$escape"'
    { folder = $2; sub(/.*\//, "", folder); if ($1 == last) { value = value " " folder } else { show(); last = $1; value = folder } }
    END { show() }
    function show() { if (last != "") { printf "%s\n%s: %s", separator, text(last), text(value); separator = "," } }'

printf '},\n"users": {'
[ ! -f etc/passwd ] || awk -F : "$escape"'
    { printf "%s\n%s: %s", separator, text($1), text($3 ":" $4 ":" $6 ":" $7); separator = "," }' etc/passwd
printf '},\n"groups": {'
[ ! -f etc/group ] || awk -F : "$escape"'
    { printf "%s\n%s: %s", separator, text($1), text($3 ":" $4); separator = "," }' etc/group

printf '},\n"files": {'
awk "$escape"'
    BEGIN { RS = "\001" }
    FILENAME == links {
        at = index($0, "\002")
        if (at) { target = substr($0, at + 1); sub(/\n$/, "", target); to[substr($0, 1, at - 1)] = target }
        next
    }
    FILENAME == sums {
        count = split($0, lines, "\n")
        for (i = 1; i <= count; i++) {
            # GNU writes names with a backslash or a line end in another way, and says so.
            if (substr(lines[i], 1, 1) == "\\") {
                name = substr(lines[i], 68)
                gsub(/\\\\/, "\002", name)
                gsub(/\\n/, "\n", name)
                gsub(/\002/, "\\", name)
                sum[name] = substr(lines[i], 2, 64)
            } else sum[substr(lines[i], 67)] = substr(lines[i], 1, 64)
        }
        next
    }
    NF {
        line = $0
        sub(/\n$/, "", line)
        for (i = 1; i <= 5; i++) { at = index(line, "|"); part[i] = substr(line, 1, at - 1); line = substr(line, at + 1) }
        kind = part[5]
        if (kind ~ /directory/) kind = "folder"
        else if (kind ~ /symbolic/) kind = "link"
        else if (kind ~ /regular/) kind = "file"
        value = kind == "link" ? to[line] : kind == "file" ? sum[line] : ""
        mode = kind == "link" ? "" : part[1]
        size = kind == "file" ? part[4] : 0
        path = substr(line, 2)
        if (path == "") path = "/"
        printf "%s\n%s: [%s, %s, %s, %s, %d, %s]", separator, text(path), text(kind), text(mode), part[2], part[3], size, text(value)
        separator = ","
    }' links="$work/links" sums="$work/sums" "$work/links" "$work/sums" "$work/stat"
printf '}}\n'
