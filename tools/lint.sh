# Sourced by ./dev: formatting, static checks on what changed, ruff and the layer test.

CLANG_TIDY_SECONDS=${CANTIL_CLANG_TIDY_SECONDS:-480}

cpp_files() { git -C "$ROOT" ls-files -co --exclude-standard -- '*.cpp' '*.h' '*.cu' '*.cuh'; }

# What this branch changed against main; on main itself, what the last commit changed; always what is uncommitted.
changed_files() {
  local base="" head candidate
  head=$(git -C "$ROOT" rev-parse HEAD)
  for candidate in origin/main main; do
    base=$(git -C "$ROOT" merge-base HEAD "$candidate" 2>/dev/null) && [[ $base != "$head" ]] && break
    base=""
  done
  [[ -n $base ]] || base=$(git -C "$ROOT" rev-parse --verify -q HEAD~1 || git -C "$ROOT" hash-object -t tree /dev/null)
  { git -C "$ROOT" diff --name-only --diff-filter=d "$base"; git -C "$ROOT" ls-files -o --exclude-standard; } | sort -u
}

# format_files [--all]: what changed against main, or everything.
format_files() {
  cd "$ROOT"
  local -a files=()
  if [[ ${1:-} == --all ]]; then
    mapfile -t files < <(git ls-files -co --exclude-standard)
  else
    mapfile -t files < <(changed_files)
  fi
  local file
  for file in "${files[@]}"; do
    [[ -e $file ]] || continue
    case $file in
      *.cpp | *.h | *.cu | *.cuh) clang-format-22 -i "$file" ;;
      *.py) ruff check -q --fix "$file" || true; ruff format -q "$file" ;;
    esac
  done
}

# clang-tidy on changed sources, as many as fit into the time; the rest is named, not forgotten.
tidy_changed() {
  local deadline=$((SECONDS + CLANG_TIDY_SECONDS)) file status=0 left log
  local -a files=() unchecked=()
  mapfile -t files < <(changed_files | grep -E '\.cpp$' | grep -vE '^tests/host_api/fake_libcuda/' || true)
  [[ ${#files[@]} -eq 0 ]] && return 0
  log=$(mktemp -d)
  for file in "${files[@]}"; do
    [[ -e $file ]] && grep -qF "\"$ROOT/$file\"" "$ROOT/build/compile_commands.json" || continue
    left=$((deadline - SECONDS))
    if [[ $left -le 0 ]]; then unchecked+=("$file"); continue; fi
    while [[ $(jobs -rp | wc -l) -ge $JOBS ]]; do wait -n || true; done
    (
      # GCC's precompiled header means nothing to clang: the plain header beside it is read instead.
      code=0
      timeout "$left" clang-tidy-22 -quiet -p "$ROOT/build" --extra-arg=-Wno-everything "$file" > "$log/${file//\//_}.txt" 2>&1 || code=$?
      case $code in
        0) ;;
        124) echo "$file" > "$log/${file//\//_}.late" ;;
        *) grep -vE 'warnings? (generated|treated)|^Suppressed|^Use -' "$log/${file//\//_}.txt"; touch "$log/failed" ;;
      esac
    ) &
  done
  wait
  [[ -e $log/failed ]] && status=1
  if compgen -G "$log/*.late" >/dev/null; then mapfile -t -O "${#unchecked[@]}" unchecked < <(cat "$log"/*.late); fi
  rm -rf "$log"
  [[ ${#unchecked[@]} -gt 0 ]] && say "clang-tidy: out of time, not checked: ${unchecked[*]}"
  return $status
}

# lint: every check runs, then the failures are named.
lint() {
  local -a failed=()
  cd "$ROOT"
  say "clang-format"
  cpp_files | xargs -r clang-format-22 --dry-run -Werror || failed+=(clang-format)
  say "clang-tidy on what changed"
  tidy_changed || failed+=(clang-tidy)
  say "ruff"
  ruff check . || failed+=("ruff check")
  ruff format --check . || failed+=("ruff format")
  say "layers"
  "$PYTHON" -m pytest -q tests/layers || failed+=("tests/layers")
  [[ ${#failed[@]} -eq 0 ]] || die "lint failed: ${failed[*]} (./dev format --all fixes formatting)"
  say "lint: all clean"
}
