// CANTIL_TIMING and CANTIL_DUMP: each stage of a compilation, timed and printed on request.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

namespace cantil {

// True when CANTIL_DUMP names this stage ("syntax", "types", "ir", "llvm", "ptx", "asm", or a pass's name).
bool dump_wanted(std::string_view stage);
// Writes one stage's text to standard error under a headline.
void dump_text(std::string_view stage, std::string_view subject, std::string_view text);

bool timing_wanted();

// Times a stage from construction to destruction; prints one line to standard error under CANTIL_TIMING=1.
class StageTimer {
 public:
  StageTimer(const char* stage, std::string_view subject);
  ~StageTimer();
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  const char* stage_;
  std::string subject_;
  std::chrono::steady_clock::time_point start_;
};

// A remark under CANTIL_TIMING=1 ("barriers: loops", "cache: hit"…).
void timing_note(std::string_view subject, std::string_view text);

// The settings are read from the environment once; tests and the bindings re-read them with this.
void reload_trace_settings();

}  // namespace cantil
