// Source positions: files known to the process by number, and spans of text inside them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace cantil {

using FileId = uint32_t;  // 0 means "no file"

// A stretch of source text. Lines count from 1, columns from 0 (in UTF-8 bytes, as Python's ast has them).
struct Span {
  FileId file = 0;
  uint32_t line = 0;
  uint32_t col = 0;
  uint32_t end_line = 0;
  uint32_t end_col = 0;

  bool valid() const { return line != 0; }
};

// Registers a file under its display name. `text` holds the source from `first_line` on (a function's lines
// are enough); a later call with the same name and another text makes a new id, so that redefinition in a
// REPL cell never shows the wrong line.
FileId intern_file(std::string_view name, std::string_view text, uint32_t first_line = 1);

// Display name of a file ("" for 0).
std::string file_name(FileId file);

// One line of a file without its newline, "" when it is not known.
std::string source_line(FileId file, uint32_t line);

}  // namespace cantil
