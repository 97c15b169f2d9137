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
  fonts-noto-cjk fonts-liberation fonts-dejavu-core)
TEST_PACKAGES=(postgresql chromium)
FONTS=(FandolFang-Regular FandolKai-Regular FandolHei-Regular FandolSong-Regular
  FandolSong-Bold)

usage() {
  cat <<'END'
用法：./perfeval.sh 命令 [参数…]

  demo [--no-serve] [--port N]  安装、建库、装入演示数据，写出 var/demo/report.pdf 和 .html，启动演示站点
  serve                         以生产方式启动网站（环境变量见 docs/operations.md）
  worker [--once]               启动一个后台进程，处理批量任务；可同时运行多个
  manage 命令 …                 运行任一 manage.py 命令
  backup 文件 / restore 文件    备份、恢复数据库和附件
  test [--all] [pytest 参数…]   代码、模板、类型、迁移检查，在 PostgreSQL 上运行全部测试，
                                在 SQLite 上再运行用到数据库的测试；
                                --all 加上耗时很长的测试
  bench [参数…]                 运行性能测试并打印结果表
END
}

say() { printf '%s\n' "$@" >&2; }
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
  has_apt || return 1
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
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } </dev/null &>"$var/apt.log"; then
    cat "$var/apt.log" >&2
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
    has_apt || say "不是 Debian 系统，请自行安装 Pango、HarfBuzz（含 subset）、fontconfig、Noto CJK 和" \
      "Liberation 字体；测试还需要 PostgreSQL 和 Chromium"
    say "建立 Python 环境 .venv"
    python3 -m venv --clear "$venv" </dev/null >&2
  fi
  rm -f "$venv"/.locked-*
  say "安装 Python 软件包（requirements/$kind.txt）"
  "$python" -m pip install -q --no-input --disable-pip-version-check --require-hashes \
    -r "$root/requirements/$kind.txt" </dev/null >&2 ||
    die "Python 软件包没有装上，请检查网络后重试"
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
  say "警告：公文字体没有取到，打印的报告将缺少仿宋、楷体、黑体和标宋。请联网重试，或把下列文件" \
    "（在 CTAN 的 fandol 字体包、Debian 的 texlive-lang-chinese 中）放入 $var/fonts：" \
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
      rm -rf "$var"/.fonts.* "$var"/.secret-key.* # left by a run that was killed
      if need_packages; then get_packages; fi
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

# --- A PostgreSQL cluster for one run: no TCP port, gone at the end

as_postgres() { # PostgreSQL refuses to run as root
  if (($(id -u))); then (cd / && "$@"); else (cd / && runuser -u postgres -- "$@"); fi
}

start_postgres() { # exports DATABASE_URL
  pgbin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [[ -x $pgbin/initdb ]] || pgbin=$(dirname "$(command -v initdb)") || die "没有找到 PostgreSQL（initdb）"
  pgdir=$(as_postgres mktemp -d /tmp/perfeval-pg.XXXXXX)
  trap stop_postgres EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  as_postgres "$pgbin/initdb" -D "$pgdir/data" -U postgres -A trust -E UTF8 \
    --locale=C.UTF-8 --no-sync >/dev/null
  as_postgres "$pgbin/pg_ctl" -D "$pgdir/data" -l "$pgdir/log" -w start -o "-c listen_addresses= \
    -c unix_socket_directories=$pgdir -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off" >/dev/null || die "PostgreSQL 没有启动：" "$(cat "$pgdir/log")"
  as_postgres "$pgbin/createdb" -h "$pgdir" -U postgres perfeval
  export DATABASE_URL="postgres://postgres@${pgdir//\//%2F}/perfeval"
}

stop_postgres() {
  as_postgres "$pgbin/pg_ctl" -D "$pgdir/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$pgdir"
}

# --- Tests

results=()
failed=0

part() { # part NAME COMMAND…: runs and times it; a failure is kept for the end
  local name=$1 start=${EPOCHREALTIME/[.,]/} outcome=通过
  shift
  printf '\n=== %s\n' "$name"
  "$@" || { outcome=失败 && failed=1; }
  note_result "$name" "$start" "$outcome"
}

note_result() { # note_result NAME START OUTCOME; START in microseconds
  local tenths=$(((${EPOCHREALTIME/[.,]/} - $2) / 100000))
  results+=("$(printf '%5d.%d 秒  %s  %s' $((tenths / 10)) $((tenths % 10)) "$3" "$1")")
}

check_templates() {
  [[ -n $(find templates -name '*.html' -print -quit 2>/dev/null) ]] || return 0
  "$python" -m djlint --quiet --check templates && "$python" -m djlint --quiet --lint templates
}

on_sqlite() { env DATABASE_URL=sqlite://:memory: "$@"; }

# Browser tests and races are for PostgreSQL, and what asks for no database has been run
# there; so -k may leave nothing.
pytest_sqlite() {
  local status=0
  on_sqlite "$python" -m pytest -n auto --hypothesis-profile "$profile" --database-only \
    -m "not browser and not race and ($marks)" "$@" || status=$?
  ((status == 5 && $# > 0)) && return 0
  return "$status"
}

run_tests() {
  local start=${EPOCHREALTIME/[.,]/}
  marks="not long" profile=perfeval
  if [[ ${1:-} == --all ]]; then
    marks="long or not long" profile=long
    shift
  fi
  set_up dev
  cd "$root"
  export PERFEVAL_DEBUG=1 PERFEVAL_THREADS=16
  start_postgres
  note_result "准备环境，启动 PostgreSQL" "$start" 通过
  part "ruff check" "$python" -m ruff check .
  part "ruff format --check" "$python" -m ruff format --check .
  part "djlint" check_templates
  part "mypy" "$python" -m mypy .
  part "部署检查" env PERFEVAL_DEBUG=0 PERFEVAL_ALLOWED_HOSTS=localhost \
    "$python" manage.py check --deploy --fail-level WARNING
  part "迁移检查（PostgreSQL）" "$python" manage.py makemigrations --check --dry-run
  part "迁移检查（SQLite）" on_sqlite "$python" manage.py makemigrations --check --dry-run
  part "pytest（PostgreSQL）" "$python" -m pytest -n auto --hypothesis-profile "$profile" \
    -m "$marks" "$@"
  part "pytest（SQLite，只运行用到数据库的测试）" pytest_sqlite "$@"
  printf '\n'
  printf '%s\n' "${results[@]}"
  return "$failed"
}

# --- Commands

manage() { "$python" "$root/manage.py" "$@"; }

demo() {
  local serve=1 port=8000
  while (($#)); do
    case $1 in
      --no-serve) serve=0 ;;
      --port)
        [[ ${2:-} =~ ^[0-9]+$ ]] || die "--port 后面应是端口号"
        port=$2
        shift
        ;;
      *) die "demo 没有参数 $1" ;;
    esac
    shift
  done
  set_up runtime
  export PERFEVAL_DEBUG=1
  say "建立数据库，装入演示数据"
  manage migrate -v 0 >&2
  manage load_demo >&2
  local kind
  for kind in pdf html; do
    manage render_report "$var/demo/report.json" -o "$var/demo/report.$kind"
  done
  printf '演示报告：%s\n' "$var/demo/report.pdf" "$var/demo/report.html"
  printf '登录名（密码均为演示用，另见 %s）：\n' "$var/demo/logins.json"
  "$python" - "$var/demo/logins.json" <<'END'
import json, sys
for login in json.load(open(sys.argv[1], encoding="utf-8")):
    print("  {username:<16}{password:<20}{role_name}　{department}".format(**login))
END
  ((serve)) || return 0
  printf '演示站点：http://127.0.0.1:%s/（按 Ctrl-C 结束）\n' "$port"
  # One worker beside the server; whichever way the demo ends, it ends too.
  trap stop_demo EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  manage worker &
  worker_pid=$!
  DJANGO_RUNSERVER_HIDE_WARNING=true "$python" "$root/manage.py" runserver --noreload \
    "127.0.0.1:$port" &
  server_pid=$!
  wait "$server_pid"
}

stop_demo() {
  kill "$worker_pid" "$server_pid" 2>/dev/null || true
  wait "$worker_pid" "$server_pid" 2>/dev/null || true
}

serve() {
  set_up runtime
  [[ -n ${PERFEVAL_ALLOWED_HOSTS:-} ]] || die \
    "请在环境变量 PERFEVAL_ALLOWED_HOSTS 中写出网站域名（逗号分隔），见 docs/operations.md"
  manage migrate --check >/dev/null || die \
    "数据库结构不是最新的，请先备份，再运行：./perfeval.sh manage migrate"
  manage collectstatic --no-input -v 0 >&2
  exec "$python" -m gunicorn perfeval.wsgi --chdir "$root" \
    --bind "${PERFEVAL_BIND:-127.0.0.1:8000}" \
    --workers "${PERFEVAL_WORKERS:-2}" --threads "${PERFEVAL_THREADS:-4}" \
    --max-requests 5000 --max-requests-jitter 500 --timeout 120 \
    --no-control-socket --access-logfile - \
    --access-logformat '%(t)s %({x-request-id}o)s %(h)s "%(r)s" %(s)s %(b)s %(M)sms'
}

bench() {
  set_up dev
  export PERFEVAL_DEBUG=1 PYTHONPATH=$root
  start_postgres
  "$python" -m tests.benchmarks "$@"
}

command=${1:-}
[[ -z $command ]] || shift
case $command in
  demo) demo "$@" ;;
  test) run_tests "$@" ;;
  serve) serve ;;
  worker)
    set_up runtime
    exec "$python" "$root/manage.py" worker "$@"
    ;;
  bench) bench "$@" ;;
  manage | backup | restore)
    [[ $command == manage ]] || set -- "$command" "$@"
    set_up runtime
    exec "$python" "$root/manage.py" "$@"
    ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
