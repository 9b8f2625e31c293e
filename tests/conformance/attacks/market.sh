# Sourced by the attacks: starts a demo market of its own in a temporary folder and takes it away again.
# Sets folder, base, python, and in the environment ATTACK_BASE and ATTACK_ACCOUNTS for market.py.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
folder=$(mktemp -d /tmp/zhepai-attack.XXXXXX)
binary=${ZHEPAI_TEST_PROGRAM:-${CARGO_TARGET_DIR:-$root/target}/release/zhepai}
venv=${ZHEPAI_TEST_VENV:-$root/.venv}/bin
python=$venv/python
export PYTHONPATH=$here:$here/.. PYTHONDONTWRITEBYTECODE=1

cleanup() {
  for one in "${faulty:-}" "${server:-}" "${post:-}"; do [ -z "$one" ] || kill "$one" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if declare -F cleanup_more >/dev/null; then cleanup_more; fi
  rm -rf "$folder"
}
trap cleanup EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# A post office that takes every letter and keeps none; a market started after it hands its letters in there.
start_post() {
  local port
  port=$(free_port)
  python3 "$here/post.py" "$port" 2>"$folder/post" &
  post=$!
  export ZHEPAI_SMTP_URL="smtp://127.0.0.1:$port" ZHEPAI_MAIL_FROM="Zhepai <no-reply@attack.example>"
}

start_market() { # further words for the program
  local port
  port=$(free_port)
  # An attack is in a hurry: what is tried here are the operations, not the limits.
  export ZHEPAI_LIMITS__STRANGER_PER_MINUTE=0 ZHEPAI_LIMITS__CALLER_PER_MINUTE=0 ZHEPAI_LIMITS__BIDS_PER_SECOND=0 ZHEPAI_LIMITS__EXPORTS_PER_HOUR=0 ZHEPAI_LIMITS__FEEDS_PER_CALLER=0
  (cd "$folder" && exec "$binary" --listen "127.0.0.1:$port" "$@" demo --pace 3600 >"$folder/out" 2>"$folder/err") &
  server=$!
  for _ in $(seq 1 1500); do
    grep -q 'Ctrl-C' "$folder/out" 2>/dev/null && break
    kill -0 "$server" 2>/dev/null || { cat "$folder/err"; exit 1; }
    sleep 0.2
  done
  grep -q 'Ctrl-C' "$folder/out" || { echo "the demo did not start"; cat "$folder/err"; exit 1; }
  base=http://127.0.0.1:$port
  # ZHEPAI_TEST_FAULT puts a proxy with a planted fault before the market: the attack must then fail (see `prove`).
  if [ -n "${ZHEPAI_TEST_FAULT:-}" ]; then
    local before
    before=$(free_port)
    python3 "$here/faulty.py" "$ZHEPAI_TEST_FAULT" "$before" "$port" 2>"$folder/faulty" &
    faulty=$!
    for _ in $(seq 1 100); do curl -s -o /dev/null "http://127.0.0.1:$before/readyz" && break; sleep 0.1; done
    base=http://127.0.0.1:$before
  fi
  export ATTACK_BASE=$base ATTACK_ACCOUNTS=$folder/out
}

stop_market() {
  for one in "${faulty:-}" "${server:-}" "${post:-}"; do [ -z "$one" ] || kill "$one" 2>/dev/null || true; done
  wait 2>/dev/null || true
  faulty='' server='' post=''
}

# A PostgreSQL of its own that writes down every statement; address in postgres, statements in $folder/statements/*.json.
start_postgres() {
  local port
  pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  port=$(free_port)
  cluster=$folder/postgres
  mkdir -p "$cluster" "$folder/statements"
  chmod 711 "$folder"
  [ "$(id -u)" != 0 ] || chown postgres "$cluster" "$folder/statements"
  as_postgres() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
  as_postgres "$pg_bin/initdb" -D "$cluster/data" -U zhepai --auth=trust --no-sync --encoding=UTF8 --locale=C >/dev/null
  as_postgres "$pg_bin/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w -o "-p $port -k $cluster -c listen_addresses=127.0.0.1 -c fsync=off \
    -c logging_collector=on -c log_destination=jsonlog -c log_directory=$folder/statements -c log_filename=all -c log_file_mode=0644 -c log_rotation_size=0 \
    ${1:-}" start >/dev/null
  postgres=postgres://zhepai@127.0.0.1:$port
  psql -q "$postgres/postgres" -c 'create database attacked' || exit 1
  cleanup_more() { as_postgres "$pg_bin/pg_ctl" -D "$cluster/data" -m immediate stop >/dev/null 2>&1 || true; }
}

# Whatever was answered: what the server itself calls an error is one.
no_errors_logged() {
  if grep -q '"level":"ERROR"' "$folder/err"; then
    echo "the server logged errors:"
    grep '"level":"ERROR"' "$folder/err" | head
    exit 1
  fi
}
