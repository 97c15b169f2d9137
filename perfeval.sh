#!/usr/bin/env bash
# The one way to set up, run, test and measure PerfEval. Safe to run again, and twice at
# once. Set-up messages go to standard error; paths are relative to the caller.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
var=${PERFEVAL_VAR:-$root/var}
[[ $var == /* ]] || var=$PWD/$var
export PERFEVAL_VAR=$var
venv=$root/.venv
python=$venv/bin/python

RUNTIME_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig
  fonts-noto-cjk fonts-liberation)
TEST_PACKAGES=(postgresql chromium)
FONTS=(FandolFang-Regular FandolKai-Regular FandolHei-Regular FandolSong-Regular
  FandolSong-Bold)

usage() {
  cat <<'END'
用法：./perfeval.sh 命令 [参数…]

  manage 命令 …                 运行任一 manage.py 命令
END
}

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$@"
  exit 1
}

# --- Set-up: each need_… answers whether something is missing, each get_… supplies it.
# None of the get_… may read standard input: it can be the document of a command.

missing_packages() { # missing_packages NAME…: prints those not installed
  local installed name
  installed=$(dpkg-query -W -f='${db:Status-Status}:${Package}\n' "$@" 2>/dev/null) || true
  for name; do
    [[ $'\n'$installed$'\n' == *$'\n'"installed:$name"$'\n'* ]] || printf '%s\n' "$name"
  done
}

system_packages() { # prints what this kind of run needs from apt
  printf '%s\n' "${RUNTIME_PACKAGES[@]}"
  [[ $kind == runtime ]] || printf '%s\n' "${TEST_PACKAGES[@]}"
}

python_fits() {
  python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

has_apt() { command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; }

need_packages() { # sets missing
  mapfile -t missing < <(mapfile -t names < <(system_packages) && missing_packages "${names[@]}")
  need_venv && ! python_fits && missing+=(python3 python3-venv)
  ((${#missing[@]}))
}

get_packages() {
  local command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if (($(id -u))); then
    die "缺少系统软件包，请先以管理员身份运行：" "sudo sh -c '$command'"
  fi
  say "安装系统软件包：${missing[*]}"
  if [[ " ${missing[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    # The tests start a cluster of their own; Debian must not start one at boot as well.
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  local apt=(apt-get -qq -o DPkg::Lock::Timeout=600 -o APT::Sandbox::User=root)
  export DEBIAN_FRONTEND=noninteractive
  # dpkg --configure mends an installation that was killed half-way.
  if ! { dpkg --configure -a && "${apt[@]}" update &&
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } </dev/null >&2; then
    die "系统软件包没有装上，请检查网络和软件源后重试，或手工运行：" "$command"
  fi
}

need_venv() {
  [[ ! -x $python ]] || ! cmp -s "$root/requirements/$kind.txt" "$venv/.locked-$kind"
}

# A lock file's copy in .venv says that all of it is installed. The copies go first and
# come back last: without any of them the folder is of unknown state and made anew.
get_venv() {
  if [[ ! -x $python || ! (-e $venv/.locked-runtime || -e $venv/.locked-dev) ]]; then
    python_fits || die "需要 Python 3.11 或更新版本（含 venv 模块），PATH 中的 python3 不符合要求"
    say "建立 Python 环境 .venv"
    python3 -m venv --clear "$venv" </dev/null >&2
  fi
  rm -f "$venv"/.locked-*
  say "安装 Python 软件包（requirements/$kind.txt）"
  "$python" -m pip install -q --no-input --disable-pip-version-check --require-hashes \
    -r "$root/requirements/$kind.txt" </dev/null >&2
  cp "$root/requirements/runtime.txt" "$venv/.locked-runtime"
  [[ $kind == runtime ]] || cp "$root/requirements/dev.txt" "$venv/.locked-dev"
}

need_fonts() {
  local name
  for name in "${FONTS[@]}"; do
    [[ -e $var/fonts/$name.otf ]] || return 0
  done
  return 1
}

# The faces of the printed report, under a licence that keeps them out of this
# repository. Installing their package would bring all of TeX: only its fonts are taken.
get_fonts() {
  local work
  if ! has_apt; then
    say_fonts_missing
    return
  fi
  say "取公文字体（Fandol）到 $var/fonts"
  work=$(mktemp -d "$var/.fonts.XXXXXX")
  if download_fonts "$work" </dev/null >&2 && take_fonts "$work"; then
    mkdir -p "$var/fonts"
    mv -f "$work"/taken/*.otf "$var/fonts/"
  else
    say_fonts_missing
  fi
  rm -rf "$work"
}

say_fonts_missing() {
  say "警告：公文字体没有取到，打印的报告将缺少仿宋、楷体、黑体和标宋。请把下列文件" \
    "（CTAN 的 fandol 字体包，或 Debian 的 texlive-lang-chinese）放入 $var/fonts 后重试：" \
    "${FONTS[*]/%/.otf}"
}

download_fonts() { # as any user: package lists of our own where the machine has none
  local work=$1 package=texlive-lang-chinese
  local apt=(apt-get -qq -o APT::Sandbox::User=root -o Acquire::Retries=1
    -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15)
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  cd "$work"
  "${apt[@]}" download "$package" 2>/dev/null && return
  apt+=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache")
  "${apt[@]}" update && "${apt[@]}" download "$package"
}

take_fonts() {
  local work=$1 name
  mkdir "$work/taken"
  dpkg-deb --fsys-tarfile "$work"/texlive-lang-chinese_*.deb |
    tar -x -C "$work/taken" --transform='s,.*/,,' --wildcards '*/public/fandol/*.otf'
  for name in "${FONTS[@]}"; do
    [[ -s $work/taken/$name.otf ]] || return 1
  done
  for name in "$work"/taken/*.otf; do
    [[ " ${FONTS[*]} " == *" $(basename "$name" .otf) "* ]] || rm "$name"
  done
}

need_key() { [[ ! -s $var/secret-key ]]; }

get_key() {
  local draft
  draft=$(mktemp "$var/.secret-key.XXXXXX") # mktemp makes it mode 600
  head -c 48 /dev/urandom | base64 -w 0 >"$draft"
  mv "$draft" "$var/secret-key"
}

set_up() { # set_up runtime|dev
  kind=$1
  if needs_set_up; then
    mkdir -p "$var" || die "不能写入 $var"
    (
      flock 9 # another run may be at it: wait, then look again
      if need_packages; then
        if has_apt; then get_packages; else say "不是 Debian 系统，请自行安装：${missing[*]}"; fi
      fi
      if need_venv; then get_venv; fi
      if need_fonts; then get_fonts; fi
      if need_key; then get_key; fi
    ) 9>"$var/.setup.lock"
  fi
  if [[ -z ${PERFEVAL_SECRET_KEY:-} ]]; then
    PERFEVAL_SECRET_KEY=$(<"$var/secret-key") || die "不能读取 $var/secret-key"
    export PERFEVAL_SECRET_KEY
  fi
}

needs_set_up() { need_packages || need_venv || need_fonts || need_key; }

# --- Commands

manage() { "$python" "$root/manage.py" "$@"; }

command=${1:-}
[[ -z $command ]] || shift
case $command in
  manage)
    set_up runtime
    exec "$python" "$root/manage.py" "$@"
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
