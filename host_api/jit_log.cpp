// Builds JIT option arrays; quotes PTX lines under the driver's complaints.
#include "host_api/jit_log.h"

#include <algorithm>
#include <cstdlib>

namespace cantil::host_api {
namespace {

constexpr size_t kLogBytes = 16 * 1024;
constexpr size_t kQuotedLines = 8;

std::string text_of(const std::vector<char>& buffer) {
  return {buffer.begin(), std::find(buffer.begin(), buffer.end(), '\0')};
}

// The numbers after "line " in the log, each once, in order.
std::vector<size_t> lines_named(const std::string& log) {
  std::vector<size_t> lines;
  static constexpr std::string_view kWord = "line ";
  for (size_t at = log.find(kWord); at != std::string::npos; at = log.find(kWord, at + 1)) {
    const size_t number = std::strtoul(log.c_str() + at + kWord.size(), nullptr, 10);
    if (number != 0 && std::find(lines.begin(), lines.end(), number) == lines.end()) {
      lines.push_back(number);
    }
  }
  return lines;
}

std::string_view line_of(std::string_view text, size_t number) {
  for (size_t line = 1; line < number; ++line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return {};
    }
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

JitCall::JitCall(const JitOptions& options) : info_(kLogBytes), error_(kLogBytes) {
  // The sizes come back as the lengths of the logs; the buffers are zeroed, so that they need not be read.
  add(cu::JitOption::kInfoLogBuffer, reinterpret_cast<uintptr_t>(info_.data()));
  add(cu::JitOption::kInfoLogBufferBytes, kLogBytes - 1);
  add(cu::JitOption::kErrorLogBuffer, reinterpret_cast<uintptr_t>(error_.data()));
  add(cu::JitOption::kErrorLogBufferBytes, kLogBytes - 1);
  if (options.max_registers) {
    add(cu::JitOption::kMaxRegisters, *options.max_registers);
  }
  if (options.optimization_level) {
    add(cu::JitOption::kOptimizationLevel, *options.optimization_level);
  }
  if (options.line_info) {
    add(cu::JitOption::kGenerateLineInfo, 1);
  }
  if (options.debug_info) {
    add(cu::JitOption::kGenerateDebugInfo, 1);
  }
  if (options.verbose) {
    add(cu::JitOption::kLogVerbose, 1);
  }
}

void JitCall::add(cu::JitOption option, uintptr_t value) {
  options_.push_back(option);
  values_.push_back(reinterpret_cast<void*>(value));
}

std::string JitCall::info_log() const { return text_of(info_); }

std::string JitCall::error_log() const { return text_of(error_); }

std::string explain_jit_log(const std::string& log, std::string_view ptx) {
  if (log.empty()) {
    return "The driver's compiler gave no log.";
  }
  std::string text = "The driver's compiler says:\n" + log;
  if (text.back() != '\n') {
    text += '\n';
  }
  size_t quoted = 0;
  for (const size_t line : lines_named(log)) {
    const std::string_view source = line_of(ptx, line);
    if (source.empty() || quoted++ == kQuotedLines) {
      break;
    }
    text += (quoted == 1 ? "In the PTX:\n" : "") + std::to_string(line) + " | ";
    text += source;
    text += '\n';
  }
  text.pop_back();
  return text;
}

}  // namespace cantil::host_api
