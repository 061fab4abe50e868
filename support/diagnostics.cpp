// Rendering of diagnostics: headline, source line with caret, notes, help.
#include "support/diagnostics.h"

#include <algorithm>

namespace cantil {
namespace {

constexpr DiagInfo kInfos[] = {
#define DIAG(name, code, cls, text, help) {#name, code, DiagClass::cls, text, help},
#include "support/diagnostics.def"
#undef DIAG
};

constexpr int kMaxLines = 25;

std::string fill(const char* pattern, const std::vector<std::string>& args) {
  std::string out;
  for (const char* p = pattern; *p; ++p) {
    if (*p == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}') {
      size_t i = static_cast<size_t>(p[1] - '0');
      if (i < args.size()) out += args[i];
      p += 2;
    } else {
      out += *p;
    }
  }
  return out;
}

// Where a line's code ends: before a comment and the blanks in front of it. A # inside quotes is none.
size_t code_end(const std::string& line) {
  char quote = 0;
  size_t end = line.size();
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote && c == '\\') {
      ++i;
    } else if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '#') {
      end = i;
      break;
    }
  }
  while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t')) --end;
  return end;
}

// The user's line and a caret line under it. Tabs before the caret are kept so that it lines up.
void append_source(std::string& out, const Span& span) {
  std::string line = source_line(span.file, span.line);
  if (line.empty()) return;
  std::string number = std::to_string(span.line);
  std::string margin(number.size(), ' ');
  size_t col = std::min<size_t>(span.col, line.size());
  size_t end = span.end_line == span.line ? std::min<size_t>(span.end_col, line.size()) : code_end(line);
  std::string caret;
  for (size_t i = 0; i < col; ++i) {
    unsigned char c = static_cast<unsigned char>(line[i]);
    if ((c & 0xC0) == 0x80) continue;  // a continuation byte takes no column on the screen
    caret += c == '\t' ? '\t' : ' ';
  }
  size_t width = 0;
  for (size_t i = col; i < std::max(end, col + 1); ++i)
    if (i >= line.size() || (static_cast<unsigned char>(line[i]) & 0xC0) != 0x80) ++width;
  caret.append(std::max<size_t>(width, 1), '^');
  out += "  " + number + " | " + line + "\n";
  out += "  " + margin + " | " + caret + "\n";
}

std::string place(const Span& span) { return file_name(span.file) + ":" + std::to_string(span.line); }

std::string limit_lines(const std::string& text) {
  int lines = 0;
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n' && ++lines == kMaxLines - 1 && i + 1 < text.size())
      return text.substr(0, i + 1) + "  ...\n";
  return text;
}

}  // namespace

const DiagInfo& diag_info(Diag id) { return kInfos[static_cast<size_t>(id)]; }

std::string Diagnostic::message() const { return fill(diag_info(id).text, args); }
std::string Diagnostic::help() const { return fill(diag_info(id).help, args); }

std::string Diagnostic::render() const {
  std::string out = message() + " [" + diag_info(id).code + "]\n";
  if (span.valid()) {
    out += "  at " + place(span) + (function.empty() ? "" : ", in " + function) + "\n";
    append_source(out, span);
  }
  for (const Note& n : notes) {
    out += "  note: " + n.text + (n.span.valid() ? " (" + place(n.span) + ")" : "") + "\n";
    if (n.span.valid()) append_source(out, n.span);
  }
  std::string h = help();
  if (!h.empty()) out += "  help: " + h + "\n";
  return limit_lines(out);
}

std::string CompileError::render() const {
  std::string out;
  for (const Diagnostic& d : diagnostics_) out += (out.empty() ? "" : "\n") + d.render();
  return limit_lines(out);
}

const char* CompileError::what() const noexcept {
  if (what_.empty()) what_ = render();
  return what_.c_str();
}

void fail(Diag id, Span span, std::vector<std::string> args, std::vector<Note> notes) {
  throw CompileError(Diagnostic{id, span, std::move(args), std::move(notes), {}});
}

void check_failed(const char* file, int line, const char* condition) {
  throw InternalError(std::string(file) + ":" + std::to_string(line) + ": " + condition);
}

}  // namespace cantil
