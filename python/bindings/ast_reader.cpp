// The reader: one loop over a node's fields, driven by nodes.def. A table from ast classes to node kinds,
// with the field names as interned strings, is made at the first call; after that a node costs its attribute
// look-ups.
#include "python/bindings/ast_reader.h"

#include <array>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "frontend/syntax/layout.h"

namespace cantil::bindings {
namespace {

using syntax::ConstKind;
using syntax::Node;
using syntax::NodeKind;
using syntax::Operator;
using syntax::Tree;

// A Python exception is set; unwinds to read_ast.
struct BadAst {};

struct Owned {
  PyObject* p;
  explicit Owned(PyObject* object) : p(object) {
    if (!p) throw BadAst{};
  }
  ~Owned() { Py_DECREF(p); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
};

struct RecursionGuard {
  RecursionGuard() {
    if (Py_EnterRecursiveCall(" while reading a syntax tree")) throw BadAst{};
  }
  ~RecursionGuard() { Py_LeaveRecursiveCall(); }
};

struct KindFields {
  std::vector<PyObject*> ones, lists, names;
};

struct Tables {
  std::unordered_map<PyTypeObject*, NodeKind> kinds;
  std::unordered_map<PyTypeObject*, Operator> operators;
  std::array<KindFields, syntax::kNodeKinds> fields;
  PyObject *lineno, *col_offset, *end_lineno, *end_col_offset, *op, *ops, *value, *conversion, *is_async,
      *level;
};

std::vector<PyObject*> interned_fields(std::string_view names) {
  std::vector<PyObject*> out;
  if (!names.empty() && names[0] == '*') names.remove_prefix(1);
  while (!names.empty()) {
    size_t comma = names.find(',');
    out.push_back(PyUnicode_InternFromString(std::string(names.substr(0, comma)).c_str()));
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  }
  return out;
}

// The class of this name in module _ast; null when this Python does not have it yet.
PyTypeObject* ast_class(PyObject* ast, const char* name) {
  PyObject* cls = PyObject_GetAttrString(ast, name);
  if (!cls) PyErr_Clear();
  return reinterpret_cast<PyTypeObject*>(cls);  // kept for ever, like the table
}

Tables* make_tables() {
  Owned ast(PyImport_ImportModule("_ast"));
  auto* t = new Tables;
  for (int k = 0; k < syntax::kNodeKinds; ++k) {
    const syntax::NodeInfo& info = syntax::node_info(static_cast<NodeKind>(k));
    if (!*info.python_class) continue;
    if (PyTypeObject* cls = ast_class(ast.p, info.python_class)) t->kinds[cls] = static_cast<NodeKind>(k);
    KindFields& f = t->fields[static_cast<size_t>(k)];
    f.ones = interned_fields(info.ones);
    f.lists = interned_fields(info.lists);
    f.names = interned_fields(info.names);
  }
  for (int op = 1; op <= static_cast<int>(Operator::NotIn); ++op)
    if (PyTypeObject* cls = ast_class(ast.p, syntax::operator_class(static_cast<Operator>(op))))
      t->operators[cls] = static_cast<Operator>(op);
  t->lineno = PyUnicode_InternFromString("lineno");
  t->col_offset = PyUnicode_InternFromString("col_offset");
  t->end_lineno = PyUnicode_InternFromString("end_lineno");
  t->end_col_offset = PyUnicode_InternFromString("end_col_offset");
  t->op = PyUnicode_InternFromString("op");
  t->ops = PyUnicode_InternFromString("ops");
  t->value = PyUnicode_InternFromString("value");
  t->conversion = PyUnicode_InternFromString("conversion");
  t->is_async = PyUnicode_InternFromString("is_async");
  t->level = PyUnicode_InternFromString("level");
  return t;
}

const Tables& tables() {
  static std::mutex mutex;
  static Tables* t = nullptr;
  std::lock_guard lock(mutex);
  if (!t) t = make_tables();
  return *t;
}

bool has_position(NodeKind k) {
  switch (k) {
    case NodeKind::Arguments:
    case NodeKind::Comprehension:
    case NodeKind::WithItem:
    case NodeKind::MatchCase:
      return false;
    default:
      return true;
  }
}

class Reader {
 public:
  Reader(Tree& tree, const SourcePlace& place) : t_(tables()), tree_(tree), place_(place) {}

  Node* node(PyObject* o, bool skip_decorators = false) {
    if (o == Py_None) return nullptr;
    auto found = t_.kinds.find(Py_TYPE(o));
    if (found == t_.kinds.end()) return unknown(o);
    const NodeKind kind = found->second;
    const syntax::NodeLayout& l = syntax::layout(kind);
    const KindFields& f = t_.fields[static_cast<size_t>(kind)];
    RecursionGuard guard;
    Node* n = tree_.make(kind);
    if (has_position(kind)) n->span = span(o);
    if (l.has_op) n->op = operator_at(Owned(PyObject_GetAttr(o, t_.op)).p);
    if (l.has_ops) {
      Owned ops(PyObject_GetAttr(o, t_.ops));
      for_each(ops.p, [&](PyObject* op) { n->ops.push_back(operator_at(op)); });
    }
    if (l.has_value) constant(Owned(PyObject_GetAttr(o, t_.value)).p, n->value);
    if (l.has_extra) {
      PyObject* field = kind == NodeKind::FormattedValue  ? t_.conversion
                        : kind == NodeKind::Comprehension ? t_.is_async
                                                          : t_.level;
      Owned value(PyObject_GetAttr(o, field));
      if (value.p != Py_None) n->extra = static_cast<int32_t>(integer(value.p));
    }
    if (l.has_name) identifier(Owned(PyObject_GetAttr(o, f.names[0])).p, n->name);
    if (l.has_names) read_names(o, f, l, n);
    for (size_t i = 0; i < f.ones.size(); ++i) n->one[i] = node(Owned(PyObject_GetAttr(o, f.ones[i])).p);
    for (size_t i = 0; i < f.lists.size(); ++i) {
      if (skip_decorators && is_decorators(kind, i)) continue;
      Owned children(PyObject_GetAttr(o, f.lists[i]));
      std::vector<Node*>& out = n->list[i];
      out.reserve(static_cast<size_t>(PyList_Check(children.p) ? PyList_GET_SIZE(children.p) : 0));
      for_each(children.p, [&](PyObject* child) { out.push_back(node(child)); });
    }
    return n;
  }

 private:
  static bool is_decorators(NodeKind k, size_t list) {
    return (k == NodeKind::FunctionDef || k == NodeKind::AsyncFunctionDef) && list == 1;
  }

  template <typename Visit>
  void for_each(PyObject* list, Visit&& visit) {
    if (!PyList_Check(list)) {
      PyErr_Format(PyExc_TypeError, "expected a list in the syntax tree, not %s", Py_TYPE(list)->tp_name);
      throw BadAst{};
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) visit(PyList_GET_ITEM(list, i));
  }

  Node* unknown(PyObject* o) {
    Node* n = tree_.make(NodeKind::Unknown);
    std::string_view name = Py_TYPE(o)->tp_name;
    size_t dot = name.rfind('.');
    n->name = dot == std::string_view::npos ? name : name.substr(dot + 1);
    if (PyObject_HasAttr(o, t_.lineno)) n->span = span(o);
    return n;
  }

  int64_t integer(PyObject* o) {
    long v = PyLong_AsLong(o);
    if (v == -1 && PyErr_Occurred()) throw BadAst{};
    return v;
  }

  uint32_t integer_field(PyObject* o, PyObject* field) {
    return static_cast<uint32_t>(integer(Owned(PyObject_GetAttr(o, field)).p));
  }

  Span span(PyObject* o) {
    Span s;
    s.file = place_.file;
    s.line = integer_field(o, t_.lineno) + static_cast<uint32_t>(place_.line_offset);
    s.col = integer_field(o, t_.col_offset);
    s.end_line = integer_field(o, t_.end_lineno) + static_cast<uint32_t>(place_.line_offset);
    s.end_col = integer_field(o, t_.end_col_offset);
    return s;
  }

  Operator operator_at(PyObject* o) {
    auto found = t_.operators.find(Py_TYPE(o));
    if (found == t_.operators.end()) {
      PyErr_Format(PyExc_TypeError, "unknown operator %s in the syntax tree", Py_TYPE(o)->tp_name);
      throw BadAst{};
    }
    return found->second;
  }

  void identifier(PyObject* o, std::string& out) {
    if (o == Py_None) return;
    Py_ssize_t size = 0;
    const char* data = PyUnicode_AsUTF8AndSize(o, &size);
    if (!data) throw BadAst{};
    out.assign(data, static_cast<size_t>(size));
  }

  void read_names(PyObject* o, const KindFields& f, const syntax::NodeLayout& l, Node* n) {
    Owned value(PyObject_GetAttr(o, f.names[l.has_name ? 1 : 0]));
    if (l.has_name) {  // an alias's asname
      if (value.p != Py_None) identifier(value.p, n->names.emplace_back());
    } else {
      for_each(value.p, [&](PyObject* name) { identifier(name, n->names.emplace_back()); });
    }
  }

  void big_integer(PyObject* o, syntax::Constant& c) {
    c.kind = ConstKind::BigInt;
    // Python refuses to write very long integers in decimal; hexadecimal always works.
    PyObject* text = PyNumber_ToBase(o, 10);
    if (!text && PyErr_ExceptionMatches(PyExc_ValueError)) {
      PyErr_Clear();
      text = PyNumber_ToBase(o, 16);
    }
    identifier(Owned(text).p, c.s);
  }

  void constant(PyObject* o, syntax::Constant& c) {
    if (o == Py_None) {
      c.kind = ConstKind::None;
    } else if (o == Py_Ellipsis) {
      c.kind = ConstKind::Ellipsis;
    } else if (PyBool_Check(o)) {
      c.kind = ConstKind::Bool;
      c.i = o == Py_True;
    } else if (PyLong_Check(o)) {
      int overflow = 0;
      c.kind = ConstKind::Int;
      c.i = PyLong_AsLongLongAndOverflow(o, &overflow);
      if (overflow) {
        c.i = 0;
        big_integer(o, c);
      }
    } else if (PyFloat_Check(o)) {
      c.kind = ConstKind::Float;
      c.f = PyFloat_AS_DOUBLE(o);
    } else if (PyComplex_Check(o)) {
      c.kind = ConstKind::Complex;
      c.f = PyComplex_RealAsDouble(o);
      c.im = PyComplex_ImagAsDouble(o);
    } else if (PyUnicode_Check(o)) {
      c.kind = ConstKind::Str;
      // Lone surrogates are legal in a str constant.
      Owned bytes(PyUnicode_AsEncodedString(o, "utf-8", "surrogatepass"));
      c.s.assign(PyBytes_AS_STRING(bytes.p), static_cast<size_t>(PyBytes_GET_SIZE(bytes.p)));
    } else if (PyBytes_Check(o)) {
      c.kind = ConstKind::Bytes;
      c.s.assign(PyBytes_AS_STRING(o), static_cast<size_t>(PyBytes_GET_SIZE(o)));
    } else {
      PyErr_Format(PyExc_TypeError, "unexpected constant of type %s in the syntax tree", Py_TYPE(o)->tp_name);
      throw BadAst{};
    }
  }

  const Tables& t_;
  Tree& tree_;
  const SourcePlace& place_;
};

}  // namespace

std::unique_ptr<Tree> read_ast(PyObject* node, const SourcePlace& place, bool with_decorators) {
  try {
    auto tree = std::make_unique<Tree>();
    tree->file = place.file;
    tree->root = Reader(*tree, place).node(node, !with_decorators);
    if (!tree->root) {
      PyErr_SetString(PyExc_TypeError, "expected a node of the ast module, not None");
      return nullptr;
    }
    return tree;
  } catch (const BadAst&) {
    return nullptr;
  }
}

}  // namespace cantil::bindings
