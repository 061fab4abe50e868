// Reading CANTIL_DUMP / CANTIL_TIMING and writing stages to standard error.
#include "support/trace.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>

namespace cantil {
namespace {

struct Settings {
  std::set<std::string, std::less<>> stages;
  bool timing = false;
};

Settings read_settings() {
  Settings s;
  if (const char* d = std::getenv("CANTIL_DUMP")) {
    std::string word;
    for (const char* p = d;; ++p) {
      if (*p == ',' || *p == ' ' || *p == 0) {
        if (!word.empty()) s.stages.insert(word);
        word.clear();
        if (*p == 0) break;
      } else {
        word += *p;
      }
    }
  }
  const char* t = std::getenv("CANTIL_TIMING");
  s.timing = t && *t && std::string_view(t) != "0";
  return s;
}

Settings& settings() {
  static Settings s = read_settings();
  return s;
}

std::mutex& output_mutex() {
  static std::mutex m;
  return m;
}

}  // namespace

bool dump_wanted(std::string_view stage) { return settings().stages.count(stage) != 0; }
bool timing_wanted() { return settings().timing; }
void reload_trace_settings() { settings() = read_settings(); }

void dump_text(std::string_view stage, std::string_view subject, std::string_view text) {
  std::lock_guard lock(output_mutex());
  std::fprintf(stderr, "=== %.*s: %.*s\n%.*s%s", static_cast<int>(stage.size()), stage.data(),
               static_cast<int>(subject.size()), subject.data(), static_cast<int>(text.size()), text.data(),
               !text.empty() && text.back() == '\n' ? "" : "\n");
}

StageTimer::StageTimer(const char* stage, std::string_view subject) : stage_(stage) {
  if (!timing_wanted()) return;
  subject_ = subject;
  start_ = std::chrono::steady_clock::now();
}

StageTimer::~StageTimer() {
  if (!timing_wanted()) return;
  double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  std::lock_guard lock(output_mutex());
  std::fprintf(stderr, "cantil: %-10s %9.3f ms  %s\n", stage_, ms, subject_.c_str());
}

void timing_note(std::string_view subject, std::string_view text) {
  if (!timing_wanted()) return;
  std::lock_guard lock(output_mutex());
  std::fprintf(stderr, "cantil: %.*s: %.*s\n", static_cast<int>(subject.size()), subject.data(),
               static_cast<int>(text.size()), text.data());
}

}  // namespace cantil
