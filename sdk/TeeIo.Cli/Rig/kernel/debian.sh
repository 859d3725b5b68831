# Sourced: an apt view of its own on chosen suites of Debian, beside the system's. Mirror and keys are the system's own; needs network, no privileges.
# usage: debian_view DIR SUITE...    then: view_version PACKAGE PREFIX, view_unpack PACKAGE[=VERSION] INTO

debian_uris() { # the mirrors that this machine uses: Debian's own archive, or its security one
    { cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } | grep -oE '(https?|file|mirror\+file):[^ ]+' | sed 's:/$::' | grep -v snapshot | grep "$@" | sort -u | head -n 1 || true
}

debian_view() {
    apt=$1
    shift
    local archive security suite
    archive=$(debian_uris -E '/debian$') security=$(debian_uris 'security')
    [ -n "$archive" ] || { echo "${0##*/}: no Debian mirror in /etc/apt; this comes from Debian's packages" >&2; exit 1; }
    mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial "$apt"/packages
    for suite in "$@"; do
        case $suite in
        *-security) echo "deb ${security:-$archive-security} $suite main" ;;
        *) echo "deb $archive $suite main" ;;
        esac
    done >"$apt/sources.list"
    view=(-o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State="$apt/state" -o Dir::Cache="$apt/cache" -o Dir::State::status=/dev/null
        -o Dir::Etc::preferencesparts=/dev/null -o APT::Get::List-Cleanup=0 -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
    apt-get "${view[@]}" -qq update >&2
}

# Version of a package whose version begins so, from the newest.
view_version() { apt-cache "${view[@]}" madison "$1" | cut -d '|' -f 2 | tr -d ' ' | grep "^$2" | head -n 1; }

view_unpack() { (cd "$apt/packages" && rm -f ./*.deb && apt-get "${view[@]}" -qq download "$1" >&2 && rm -rf "$2" && dpkg -x ./*.deb "$2" && rm -f ./*.deb); }
