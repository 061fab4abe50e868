// Writing and reading of artifacts: fixed-width little-endian numbers, strings with their length.
#include "compiler/artifact_io.h"

#include <bit>
#include <cstring>

namespace cantil::compiler {
namespace {

static_assert(std::endian::native == std::endian::little);

class Writer {
 public:
  template <class T>
  void number(T v) {
    bytes_.append(reinterpret_cast<const char*>(&v), sizeof v);
  }
  void text(std::string_view s) {
    number<uint64_t>(s.size());
    bytes_.append(s);
  }
  // A type by its name; whatever has no name that reads back makes the whole unfit for the disk.
  void type(ir::TypeRef t) {
    const std::string name = t ? t->str() : "";
    if (t && ir::parse_type(name) != t) sound_ = false;
    text(name);
  }
  void unfit() { sound_ = false; }
  std::optional<std::string> take() {
    if (!sound_) return std::nullopt;
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  bool sound_ = true;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T number() {
    T v{};
    if (bytes_.size() - at_ < sizeof v) {
      sound_ = false;
      return v;
    }
    std::memcpy(&v, bytes_.data() + at_, sizeof v);
    at_ += sizeof v;
    return v;
  }
  std::string text() {
    const uint64_t size = number<uint64_t>();
    if (!sound_ || size > bytes_.size() - at_) {
      sound_ = false;
      return "";
    }
    std::string s(bytes_.substr(at_, size));
    at_ += size;
    return s;
  }
  ir::TypeRef type() {
    const std::string name = text();
    if (name.empty()) return nullptr;
    ir::TypeRef t = ir::parse_type(name);
    if (!t) sound_ = false;
    return t;
  }
  // A count of things that each take at least one byte.
  uint64_t count() {
    const uint64_t n = number<uint64_t>();
    if (n > bytes_.size()) sound_ = false;
    return sound_ ? n : 0;
  }
  bool sound() const { return sound_; }
  bool at_end() const { return sound_ && at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool sound_ = true;
};

void write(Writer& w, const Frame& f) {
  w.text(f.function);
  w.text(f.file);
  for (uint32_t v : {f.line, f.col, f.end_line, f.end_col}) w.number(v);
  w.number<uint8_t>(f.is_library);
}

Frame read_frame(Reader& r) {
  Frame f;
  f.function = r.text();
  f.file = r.text();
  f.line = r.number<uint32_t>();
  f.col = r.number<uint32_t>();
  f.end_line = r.number<uint32_t>();
  f.end_col = r.number<uint32_t>();
  f.is_library = r.number<uint8_t>() != 0;
  return f;
}

void write(Writer& w, const ir::RaiseArg& a) {
  w.number<uint8_t>(a.kind);
  w.number(a.i);
  w.number(a.f);
  w.text(a.s);
  w.type(a.type);
}

ir::RaiseArg read_arg(Reader& r) {
  ir::RaiseArg a;
  a.kind = static_cast<ir::RaiseArg::Kind>(r.number<uint8_t>());
  a.i = r.number<int64_t>();
  a.f = r.number<double>();
  a.s = r.text();
  a.type = r.type();
  return a;
}

}  // namespace

std::optional<std::string> serialise(const Artifact& a) {
  Writer w;
  w.number<uint8_t>(static_cast<uint8_t>(a.kind));
  w.text(a.code);
  w.text(a.entry);
  w.type(a.ret);
  w.number<uint64_t>(a.args.size());
  // A function's type means nothing in another process; who reads the file back knows which one was asked
  // for.
  for (ir::TypeRef t : a.args) w.type(t->is(ir::TypeKind::Function) ? ir::none_type() : t);
  w.number<uint64_t>(a.sites.size());
  for (const Site& s : a.sites) {
    if (s.class_ref >= 0) w.unfit();  // an index into this process's table of objects
    w.text(s.cls);
    w.number<uint64_t>(s.args.size());
    for (const ir::RaiseArg& arg : s.args) write(w, arg);
    write(w, s.frame);
  }
  w.number<uint64_t>(a.frames.size());
  for (const Frame& f : a.frames) write(w, f);
  w.text(a.types_text);
  w.text(a.function_name);
  w.number<uint64_t>(a.externals.size());
  for (const std::string& e : a.externals) w.text(e);
  w.number<uint8_t>(a.uses_fibers);
  w.number<uint8_t>(a.uses_grid_sync);
  w.number(a.static_shared);
  w.number<int32_t>(a.max_registers);
  return w.take();
}

std::optional<Artifact> deserialise(std::string_view bytes) {
  Reader r(bytes);
  Artifact a;
  const uint8_t kind = r.number<uint8_t>();
  if (kind > static_cast<uint8_t>(TargetKind::Sim)) return std::nullopt;
  a.kind = static_cast<TargetKind>(kind);
  a.code = r.text();
  a.entry = r.text();
  a.ret = r.type();
  for (uint64_t n = r.count(); n > 0 && r.sound(); --n) a.args.push_back(r.type());
  for (uint64_t n = r.count(); n > 0 && r.sound(); --n) {
    Site s;
    s.cls = r.text();
    for (uint64_t k = r.count(); k > 0 && r.sound(); --k) s.args.push_back(read_arg(r));
    s.frame = read_frame(r);
    a.sites.push_back(std::move(s));
  }
  for (uint64_t n = r.count(); n > 0 && r.sound(); --n) a.frames.push_back(read_frame(r));
  a.types_text = r.text();
  a.function_name = r.text();
  for (uint64_t n = r.count(); n > 0 && r.sound(); --n) a.externals.push_back(r.text());
  a.uses_fibers = r.number<uint8_t>() != 0;
  a.uses_grid_sync = r.number<uint8_t>() != 0;
  a.static_shared = r.number<int64_t>();
  a.max_registers = r.number<int32_t>();
  if (!r.at_end()) return std::nullopt;
  return a;
}

}  // namespace cantil::compiler
