// The process-wide table of source files behind Span.
#include "support/span.h"

#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace cantil {
namespace {

struct File {
  std::string name;
  std::string text;
  uint32_t first_line;
  std::vector<size_t> line_starts;
};

struct FileTable {
  std::mutex mutex;
  std::deque<File> files;
  std::unordered_map<std::string, std::vector<FileId>> by_name;
};

FileTable& table() {
  static FileTable* t = new FileTable;  // never destroyed: compiled code may still raise at exit
  return *t;
}

}  // namespace

FileId intern_file(std::string_view name, std::string_view text, uint32_t first_line) {
  FileTable& t = table();
  std::lock_guard lock(t.mutex);
  std::vector<FileId>& ids = t.by_name[std::string(name)];
  for (FileId id : ids) {
    const File& f = t.files[id - 1];
    if (f.first_line == first_line && f.text == text) return id;
  }
  File f{std::string(name), std::string(text), first_line, {0}};
  for (size_t i = 0; i < f.text.size(); ++i)
    if (f.text[i] == '\n') f.line_starts.push_back(i + 1);
  t.files.push_back(std::move(f));
  ids.push_back(static_cast<FileId>(t.files.size()));
  return ids.back();
}

std::string file_name(FileId file) {
  FileTable& t = table();
  std::lock_guard lock(t.mutex);
  return file == 0 || file > t.files.size() ? std::string() : t.files[file - 1].name;
}

std::string source_line(FileId file, uint32_t line) {
  FileTable& t = table();
  std::lock_guard lock(t.mutex);
  if (file == 0 || file > t.files.size()) return {};
  const File& f = t.files[file - 1];
  if (line < f.first_line || line - f.first_line >= f.line_starts.size()) return {};
  size_t begin = f.line_starts[line - f.first_line];
  size_t end = f.text.find('\n', begin);
  return f.text.substr(begin, end == std::string::npos ? std::string::npos : end - begin);
}

}  // namespace cantil
