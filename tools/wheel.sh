# Sourced by ./dev: builds a self-contained wheel for one Python, then installs and runs it in an empty environment.

# find_python 3.x: an interpreter of that version, from PATH, pyenv or uv.
find_python() {
  local version=$1 candidate root
  local -a candidates=("$VENV/bin/python" "$(type -P "python$version" || true)" "$(type -P python3 || true)")
  root=${PYENV_ROOT:-$(command -v pyenv >/dev/null && pyenv root || true)}
  [[ -n $root ]] && candidates+=("$root/versions/$version".*/bin/python "$root/versions/$version"*/bin/python)
  command -v uv >/dev/null && candidates+=("$(uv python find --no-project "$version" 2>/dev/null || true)")
  for candidate in "${candidates[@]}"; do
    [[ -n $candidate && -x $candidate ]] || continue
    if [[ $("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) == "$version" ]]; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return 0
    fi
  done
  return 1
}

wheel() {
  local version="" python environment dist="$ROOT/dist" built
  while [[ $# -gt 0 ]]; do
    case $1 in
      --python) version=$2; shift 2 ;;
      --python=*) version=${1#*=}; shift ;;
      *) die "wheel: unknown argument $1" ;;
    esac
  done
  [[ -n $version ]] || version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  python=$(find_python "$version") || die "no Python $version found (PATH, pyenv, uv)"
  environment="$(environment_root)/.cache/wheel-$version"
  ensure_environment "$environment" "$python" "$ROOT/tools/requirements-wheel.txt"

  # Without pip's build isolation the compiler sees the same paths each time, and a second build is incremental.
  built=$(mktemp -d)
  say "building for Python $version"
  PATH="$environment/bin:$PATH" PYTHONPATH="" VIRTUAL_ENV="$VENV" CMAKE_BUILD_PARALLEL_LEVEL="$JOBS" \
    "$environment/bin/python" -m pip wheel -q --no-deps --no-build-isolation --disable-pip-version-check \
    --wheel-dir "$built" "$ROOT"
  "$environment/bin/python" "$ROOT/tools/finish_wheel.py" "$built"/*.whl "$dist" > "$built/name"
  verify_wheel "$python" "$(tail -1 "$built/name")"
  rm -rf "$built"
}

# Nothing but the wheel and NumPy, outside the checkout.
verify_wheel() {
  local python=$1 wheel=$2 folder
  folder=$(mktemp -d)
  say "installing $(basename "$wheel") in an empty environment"
  "$python" -m venv "$folder/venv"
  "$folder/venv/bin/python" -m pip install -q --disable-pip-version-check "$wheel"
  (cd "$folder" && env -u PYTHONPATH -u VIRTUAL_ENV -u LD_LIBRARY_PATH "$folder/venv/bin/python" "$ROOT/tools/smoke.py") ||
    die "the wheel does not work: $wheel"
  rm -rf "$folder"
  say "ready: ${wheel#"$ROOT"/}"
}
