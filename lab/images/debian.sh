# Shared by the image recipes, which source it: Debian packages from this machine's own mirror.
# shellcheck shell=sh

# So that the recipes' exit traps run: dash skips them when a signal ends it.
trap 'exit 130' HUP INT TERM

suite=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# host_source LABEL prints the address of the archive this machine's apt takes packages with that label from.
host_source() {
  # shellcheck disable=SC2016 # the format is apt's to expand
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n "s/^Debian|$1|main|//p" | head -n 1
}

# debian_sources prints the apt lines to build from. Nothing means mmdebstrap's own default.
debian_sources() {
  main=$(host_source Debian)
  security=$(host_source Debian-Security)
  if [ -n "$main" ]; then
    echo "deb $main $suite main"
    echo "deb $main $suite-updates main"
  fi
  if [ -n "$main" ] && [ -n "$security" ]; then
    echo "deb $security $suite-security main"
  fi
}

# debian_root TARGET OPTION... makes a root file system in TARGET, a directory or a tar file.
debian_root() {
  target=$1
  shift
  if [ -r "$keyring" ]; then
    set -- "$@" --keyring="$keyring"
  fi
  set -- "$@" --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --aptopt='APT::Install-Recommends "false"' \
    --aptopt='Acquire::Retries "5"' "$suite" "$target"
  sources=$(debian_sources)
  if [ -n "$sources" ]; then
    echo "$sources" | mmdebstrap "$@" -
  else
    mmdebstrap "$@"
  fi
}
