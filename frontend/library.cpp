// Reading the snapshot. Its format, written by python/bindings/snapshot/write_snapshot.py (integers are
// little-endian uint32):
//
//   "CANTLIB1", the hash of all that follows (32 hexadecimal digits), and the directory: place and number of
//   rows of each table, then place and size of the heap; places count from the directory's end.
//     files       name, imports (first, number), constants (first, number), functions (first, number)
//     imports     name, canonical dotted name
//     constants   name, tree
//     functions   name, file, line, docstring, tree, decorators (first, number)
//     decorators  name, key, tree
//     keys        key, ids (first, number); sorted by key
//     ids         function
//   Names, texts and trees are two integers each: place in the heap, and size.
#include "frontend/library.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <mutex>
#include <unordered_map>

#include "frontend/library_names.h"
#include "frontend/library_values.h"
#include "support/diagnostics.h"

extern "C" {
extern const char cantil_stdlib_snapshot[];
extern const char cantil_stdlib_snapshot_end[];
}

namespace cantil::frontend {
namespace {

using syntax::ConstKind;
using syntax::Node;
using syntax::NodeKind;
using Kind = Captured::Kind;

constexpr std::string_view kMagic = "CANTLIB1";
constexpr size_t kHashSize = 32;

enum TableId { kFiles, kImports, kConstants, kFunctions, kDecorators, kKeys, kIds, kHeap, kTables };
constexpr uint32_t kColumns[kTables] = {8, 4, 4, 10, 6, 4, 1, 0};
constexpr size_t kHeader = kMagic.size() + kHashSize + kTables * 8;

// Rows and texts of a snapshot; every place is checked, so that damaged bytes are an error and not a crash.
class Image {
 public:
  explicit Image(std::string_view bytes) : bytes_(bytes) {
    CANTIL_CHECK(bytes.size() >= kHeader && bytes.substr(0, kMagic.size()) == kMagic);
    for (int t = 0; t < kTables; ++t) {
      place_[t] = kHeader + word(kMagic.size() + kHashSize + static_cast<size_t>(t) * 8);
      rows_[t] = word(kMagic.size() + kHashSize + static_cast<size_t>(t) * 8 + 4);
      size_t size = t == kHeap ? rows_[t] : size_t{rows_[t]} * kColumns[t] * 4;
      CANTIL_CHECK(place_[t] <= bytes.size() && size <= bytes.size() - place_[t]);
    }
  }

  std::string_view hash() const { return bytes_.substr(kMagic.size(), kHashSize); }
  uint32_t rows(TableId t) const { return rows_[t]; }
  uint32_t number(TableId t, uint32_t row, uint32_t column) const {
    CANTIL_CHECK(row < rows_[t] && column < kColumns[t]);
    return word(place_[t] + (size_t{row} * kColumns[t] + column) * 4);
  }
  std::string_view text(TableId t, uint32_t row, uint32_t column) const {
    uint32_t at = number(t, row, column), size = number(t, row, column + 1);
    CANTIL_CHECK(at <= rows_[kHeap] && size <= rows_[kHeap] - at);
    return bytes_.substr(place_[kHeap] + at, size);
  }

 private:
  uint32_t word(size_t at) const {
    unsigned char b[4];
    std::memcpy(b, bytes_.data() + at, 4);
    return b[0] | b[1] << 8 | b[2] << 16 | static_cast<uint32_t>(b[3]) << 24;
  }

  std::string_view bytes_;
  size_t place_[kTables];
  uint32_t rows_[kTables];
};

Captured integer(ir::TypeRef type, int64_t value) {
  Captured c;
  c.kind = Kind::Int;
  c.type = type;
  c.scalar.i = value;
  return c;
}

Captured constant(const syntax::Constant& v) {
  Captured c;
  c.scalar = {v.i, v.f, v.im};
  switch (v.kind) {
    case ConstKind::None:
      c.kind = Kind::None;
      break;
    case ConstKind::Bool:
      c.kind = Kind::Bool, c.type = ir::bool_type();
      break;
    case ConstKind::Int:
      c.kind = Kind::Int, c.type = ir::i64();
      break;
    case ConstKind::BigInt: {
      uint64_t bits = 0;
      auto end = std::from_chars(v.s.data(), v.s.data() + v.s.size(), bits);
      CANTIL_CHECK(end.ec == std::errc() &&
                   end.ptr == v.s.data() + v.s.size());  // a library constant beyond 64 bits
      return integer(ir::int_type(64, false), static_cast<int64_t>(bits));
    }
    case ConstKind::Float:
      c.kind = Kind::Float, c.type = ir::f64();
      break;
    case ConstKind::Complex:
      c.kind = Kind::Complex, c.type = ir::complex_type(128);
      break;
    case ConstKind::Str:
      c.kind = Kind::Str, c.text = v.s;
      break;
    case ConstKind::Bytes:
      c.kind = Kind::Bytes, c.text = v.s;
      break;
    case ConstKind::Ellipsis:
      c.kind = Kind::Ellipsis;
      break;
    case ConstKind::NoValue:
      break;
  }
  return c;
}

// float32(1.5): a NumPy scalar.
Captured numpy_scalar(ir::TypeRef type, const Node* argument) {
  Captured c = constant(argument->value);
  c.type = type;
  switch (type->kind) {
    case ir::TypeKind::Bool:
      c.kind = Kind::Bool;
      break;
    case ir::TypeKind::Int:
      c.kind = Kind::Int;
      break;
    case ir::TypeKind::Float:
      c.kind = Kind::Float;
      break;
    default:
      c.kind = Kind::Complex;
      break;
  }
  return c;
}

// array(bytes, dtype, shape).
Captured array(const std::vector<Node*>& arguments) {
  Captured c;
  c.kind = Kind::Array;
  c.text = arguments[0]->value.s;
  for (const Node* n : arguments[2]->list[0]) c.shape.push_back(n->value.i);
  const std::string& dtype = arguments[1]->value.s;
  ir::TypeRef elem = dtype == "bool" ? ir::bool_type() : dtype_named(dtype);
  CANTIL_CHECK(elem);
  c.type = ir::array_type(elem, static_cast<int>(c.shape.size()), ir::Layout::C, /*readonly=*/true);
  return c;
}

std::vector<std::string> chain_of(const Node* n) {
  if (n->kind == NodeKind::Name) return {n->name};
  CANTIL_CHECK(n->kind == NodeKind::Attribute);
  std::vector<std::string> parts = chain_of(n->one[0]);
  parts.push_back(n->name);
  return parts;
}

}  // namespace

struct Library::State {
  explicit State(std::string_view bytes)
      : image(bytes), functions(image.rows(kFunctions)), infos(functions.size()) {}

  struct Names {  // of one file
    std::unordered_map<std::string_view, std::string_view> imports;
    std::unordered_map<std::string_view, uint32_t> constants, functions;  // rows
  };

  Image image;
  std::recursive_mutex mutex;
  std::vector<std::shared_ptr<Function>> functions;
  std::vector<std::unique_ptr<LibraryFunction>> infos;
  std::unordered_map<std::string, std::vector<uint32_t>> overloads;
  std::unordered_map<uint32_t, Names> files;
  std::unordered_map<std::string, uint32_t> modules;  // "stdlib.numpy.sorting" -> file

  std::string file_name(uint32_t file) { return std::string(image.text(kFiles, file, 0)); }

  const Names& names(uint32_t file) {
    auto [it, is_new] = files.try_emplace(file);
    Names& n = it->second;
    if (!is_new) return n;
    auto each = [&](uint32_t column, auto&& visit) {
      uint32_t first = image.number(kFiles, file, column), count = image.number(kFiles, file, column + 1);
      for (uint32_t row = first; row < first + count; ++row) visit(row);
    };
    each(2, [&](uint32_t row) { n.imports[image.text(kImports, row, 0)] = image.text(kImports, row, 2); });
    each(4, [&](uint32_t row) { n.constants[image.text(kConstants, row, 0)] = row; });
    each(6, [&](uint32_t row) {
      n.functions[image.text(kFunctions, row, 0)] = row;
    });  // the last of a name, as in Python
    return n;
  }

  // The file behind a module name of the library's own ("stdlib.arrays"), or UINT32_MAX.
  uint32_t module_file(const std::string& module) {
    if (modules.empty())
      for (uint32_t f = 0; f < image.rows(kFiles); ++f) {
        std::string name = file_name(f);
        name.resize(name.size() - 3);  // .py
        for (char& c : name) c = c == '/' ? '.' : c;
        modules["stdlib." + name] = f;
      }
    auto found = modules.find(module);
    return found == modules.end() ? UINT32_MAX : found->second;
  }

  // A function that is filled when it is first used.
  const std::shared_ptr<Function>& shell(uint32_t id) {
    std::shared_ptr<Function>& f = functions.at(id);
    if (!f) {
      f = make_function();
      uint32_t file = image.number(kFunctions, id, 2);
      f->name = image.text(kFunctions, id, 0);
      f->filename = "stdlib/" + file_name(file);
      f->module = "cantil.stdlib";
      f->is_library = true;
      f->capture = [this, id](Function& into) { fill(into, id); };
    }
    return f;
  }

  void fill(Function& f, uint32_t id) {
    std::lock_guard lock(mutex);
    uint32_t file = image.number(kFunctions, id, 2);
    f.tree = syntax::deserialize(image.text(kFunctions, id, 6), intern_file(f.filename, ""));
    for (const std::vector<std::string>& chain : free_chains(f.tree->root)) {
      size_t used = 1;
      Captured value = resolve(chain, file, used);
      std::string key = chain[0];
      for (size_t i = 1; i < used; ++i) key += "." + chain[i];
      f.captures.emplace(std::move(key), std::move(value));
    }
    const Node* args = f.tree->root->one[0];
    for (const Node* d : args->list[4]) f.defaults.push_back(value_of(d, file));
    for (size_t i = 0; i < args->list[3].size(); ++i)
      if (const Node* d = args->list[3][i]) f.kw_defaults.emplace(args->list[2][i]->name, value_of(d, file));
  }

  Captured function_value(uint32_t id) {
    Captured c;
    c.kind = Kind::Function;
    c.function = shell(id);
    return c;
  }

  // A name that a file defines itself.
  bool own_value(const std::string& name, uint32_t file, Captured& out) {
    const Names& n = names(file);
    if (auto found = n.functions.find(name); found != n.functions.end()) {
      out = function_value(found->second);
      return true;
    }
    if (auto found = n.constants.find(name); found != n.constants.end()) {
      std::unique_ptr<syntax::Tree> tree = syntax::deserialize(image.text(kConstants, found->second, 2), 0);
      out = value_of(tree->root, file);
      return true;
    }
    return false;
  }

  // What a dotted chain stands for in a file, and how many of its parts that takes.
  Captured resolve(const std::vector<std::string>& chain, uint32_t file, size_t& used) {
    used = 1;
    Captured out;
    if (own_value(chain[0], file, out)) return out;
    const Names& n = names(file);
    std::string at;
    if (auto found = n.imports.find(chain[0]); found != n.imports.end()) {
      at = found->second;
      if (own_import(at, chain, used, out)) return out;
    } else if (dtype_named(chain[0])) {
      at = "numpy." + chain[0];
    } else {
      at = "builtins." + chain[0];
    }
    while (used < chain.size() && is_library_namespace(at)) at = canonical_name(at + "." + chain[used++]);
    return library_value(at);
  }

  // An import from another file of the library: `from stdlib.arrays import _count`, `from . import arrays`.
  bool own_import(const std::string& target, const std::vector<std::string>& chain, size_t& used,
                  Captured& out) {
    if (target.rfind("stdlib.", 0) != 0) return false;
    if (uint32_t file = module_file(target); file != UINT32_MAX) {
      CANTIL_CHECK(chain.size() > 1);  // a library file is no value
      used = 2;
      CANTIL_CHECK(own_value(chain[1], file, out));
      return true;
    }
    size_t dot = target.rfind('.');
    uint32_t file = module_file(target.substr(0, dot));
    CANTIL_CHECK(file != UINT32_MAX && own_value(target.substr(dot + 1), file, out));
    return true;
  }

  Captured value_of(const Node* n, uint32_t file) {
    switch (n->kind) {
      case NodeKind::Constant:
        return constant(n->value);
      case NodeKind::Tuple: {
        Captured c;
        c.kind = Kind::Tuple;
        for (const Node* e : n->list[0]) c.elems.push_back(value_of(e, file));
        return c;
      }
      case NodeKind::Call: {
        const std::string& name = n->one[0]->name;
        if (name == "array") return array(n->list[0]);
        ir::TypeRef type = name == "bool" ? ir::bool_type() : dtype_named(name);
        CANTIL_CHECK(type && n->list[0].size() == 1);
        return numpy_scalar(type, n->list[0][0]);
      }
      default: {
        std::vector<std::string> chain = chain_of(n);
        size_t used = 0;
        Captured c = resolve(chain, file, used);
        CANTIL_CHECK(used == chain.size());
        return c;
      }
    }
  }
};

Library::Library(std::string_view bytes) : state_(std::make_unique<State>(bytes)) {}
Library::~Library() {
  for (const std::shared_ptr<Function>& f : state_->functions)
    if (f) f->captures.clear();  // recursive functions hold each other
}

uint32_t Library::size() const { return state_->image.rows(kFunctions); }
std::string_view Library::hash() const { return state_->image.hash(); }

const std::vector<uint32_t>& Library::overloads(std::string_view qualified_name) {
  State& s = *state_;
  std::lock_guard lock(s.mutex);
  auto [it, is_new] = s.overloads.try_emplace(std::string(qualified_name));
  std::vector<uint32_t>& ids = it->second;
  if (!is_new) return ids;
  std::string key = canonical_name(qualified_name);
  uint32_t low = 0, high = s.image.rows(kKeys);
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (s.image.text(kKeys, middle, 0) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == s.image.rows(kKeys) || s.image.text(kKeys, low, 0) != key) return ids;
  uint32_t first = s.image.number(kKeys, low, 2), count = s.image.number(kKeys, low, 3);
  for (uint32_t row = first; row < first + count; ++row) ids.push_back(s.image.number(kIds, row, 0));
  return ids;
}

std::vector<std::string_view> Library::keys() const {
  std::vector<std::string_view> out;
  for (uint32_t row = 0; row < state_->image.rows(kKeys); ++row)
    out.push_back(state_->image.text(kKeys, row, 0));
  return out;
}

const LibraryFunction& Library::info(uint32_t id) {
  State& s = *state_;
  std::lock_guard lock(s.mutex);
  std::unique_ptr<LibraryFunction>& info = s.infos.at(id);
  if (info) return *info;
  info = std::make_unique<LibraryFunction>();
  info->id = id;
  info->name = s.image.text(kFunctions, id, 0);
  info->file = s.file_name(s.image.number(kFunctions, id, 2));
  info->line = s.image.number(kFunctions, id, 3);
  info->doc = s.image.text(kFunctions, id, 4);
  uint32_t first = s.image.number(kFunctions, id, 8), count = s.image.number(kFunctions, id, 9);
  for (uint32_t row = first; row < first + count; ++row) {
    std::shared_ptr<syntax::Tree> tree = syntax::deserialize(s.image.text(kDecorators, row, 4), 0);
    info->decorators.push_back({std::string(s.image.text(kDecorators, row, 0)),
                                std::string(s.image.text(kDecorators, row, 2)), tree->root});
    info->decorator_trees.push_back(std::move(tree));
  }
  return *info;
}

Function& Library::function(uint32_t id) {
  State& s = *state_;
  std::lock_guard lock(s.mutex);
  Function& f = *s.shell(id);
  ensure_captured(f);
  return f;
}

namespace {

// CANTIL_STDLIB_SNAPSHOT names a file to read instead of what is embedded: for work on stdlib/ without a
// build.
std::string_view snapshot_bytes() {
  if (const char* path = std::getenv("CANTIL_STDLIB_SNAPSHOT")) {
    std::ifstream file(path, std::ios::binary);
    static auto* bytes = new std::string(std::istreambuf_iterator<char>(file), {});
    if (!bytes->empty()) return *bytes;
  }
  return {cantil_stdlib_snapshot, static_cast<size_t>(cantil_stdlib_snapshot_end - cantil_stdlib_snapshot)};
}

}  // namespace

Library& library() {
  static auto* l = new Library(snapshot_bytes());
  return *l;
}

}  // namespace cantil::frontend
