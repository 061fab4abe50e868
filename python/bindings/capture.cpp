// Capturing a Python function: the source from cantil._capture, the names from its closure, globals and
// builtins.
#include "python/bindings/capture.h"

#include <chrono>

#include "frontend/library_names.h"
#include "python/bindings/ast_reader.h"
#include "python/bindings/captured_value.h"
#include "python/bindings/dispatcher.h"
#include "python/bindings/errors.h"
#include "python/bindings/public_names.h"
#include "python/bindings/ref.h"
#include "support/trace.h"

namespace cantil::bindings {

using frontend::Captured;

namespace {

// When the extension was loaded: files changed later are checked against the code that was made from them.
const double loaded_at =
    std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();

void read_source(PyObject* function, frontend::Function& f) {
  static PyObject* find_source = import_attribute("cantil._capture", "find_source").release();
  Ref time = checked(PyFloat_FromDouble(loaded_at));
  Ref source = checked(PyObject_CallFunctionObjArgs(find_source, function, time.get(), nullptr));
  if (source.get() == Py_None) {
    Diagnostic d{Diag::NoSource, {}, {f.name}, {}, f.name};
    throw CompileError(std::move(d));
  }
  PyObject *node = nullptr, *text = nullptr;
  int first_line = 0, offset = 0;
  if (!PyArg_ParseTuple(source.get(), "OUii", &node, &text, &first_line, &offset)) throw PythonError{};
  Ref bytes = checked(PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass"));
  std::string_view view(PyBytes_AS_STRING(bytes.get()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.get())));
  SourcePlace place{intern_file(f.filename, view, static_cast<uint32_t>(first_line)), offset};
  f.tree = read_ast(node, place);
  if (!f.tree) throw PythonError{};
}

// Resolves free names of one function.
class Names {
 public:
  Names(PyObject* function, frontend::Function& f) : function_(function), f_(f) {
    code_ = attribute(function, "__code__");
    free_ = attribute(code_.get(), "co_freevars");
    closure_ = attribute(function, "__closure__");
    globals_ = attribute(function, "__globals__");
    builtins_ = checked(PyImport_ImportModule("builtins"));
  }

  void resolve(const std::vector<std::string>& chain) {
    bool is_builtin = false;
    Ref object = root(chain[0], is_builtin);
    std::string key = chain[0];
    if (!object) {
      // The name that the decorated function is about to get.
      if (chain[0] == text_of(attribute(code_.get(), "co_name").get())) object = Ref::borrow(function_);
      if (!object) {
        missing(key);
        return;
      }
    }
    std::string path = path_of(object.get(), is_builtin ? "builtins." + chain[0] : std::string());
    for (size_t i = 1; i < chain.size() && is_namespace(object.get()); ++i) {
      key += "." + chain[i];
      Ref next(PyObject_GetAttrString(object.get(), chain[i].c_str()));
      if (!next) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw PythonError{};
        PyErr_Clear();
        missing(key);
        return;
      }
      if (path.empty() && is_own_object(object.get())) path = public_name(object.get());
      path = path_of(next.get(), path.empty() ? path : path + "." + chain[i]);
      object = std::move(next);
    }
    if (!f_.captures.count(key)) f_.captures.emplace(key, captured_value(object.get(), path, f_, function_));
  }

 private:
  void missing(const std::string& key) { f_.captures[key].text = key; }

  // The canonical path of an object reached as `path`; a module always has its own name.
  static std::string path_of(PyObject* object, const std::string& path) {
    if (PyModule_Check(object)) return frontend::canonical_name(text_of(attribute(object, "__name__").get()));
    return path.empty() ? path : frontend::canonical_name(path);
  }

  Ref root(const std::string& name, bool& is_builtin) {
    Ref key = make_str(name);
    Py_ssize_t cell = PySequence_Index(free_.get(), key.get());
    if (cell >= 0 && PyTuple_Check(closure_.get())) {
      PyObject* content = PyCell_Get(PyTuple_GET_ITEM(closure_.get(), cell));
      if (!content) PyErr_Clear();  // not yet bound: as good as undefined
      return Ref(content);
    }
    PyErr_Clear();
    if (PyObject* found = PyDict_GetItemWithError(globals_.get(), key.get())) return Ref::borrow(found);
    if (PyErr_Occurred()) throw PythonError{};
    Ref builtin(PyObject_GetAttr(builtins_.get(), key.get()));
    PyErr_Clear();
    is_builtin = static_cast<bool>(builtin);
    return builtin;
  }

  PyObject* function_;
  frontend::Function& f_;
  Ref code_, free_, closure_, globals_, builtins_;
};

void read_defaults(PyObject* function, frontend::Function& f) {
  Ref defaults = attribute(function, "__defaults__"), keyword = attribute(function, "__kwdefaults__");
  if (PyTuple_Check(defaults.get()))
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(defaults.get()); ++i)
      f.defaults.push_back(captured_value(PyTuple_GET_ITEM(defaults.get(), i), {}, f, function));
  if (PyDict_Check(keyword.get())) {
    PyObject *key = nullptr, *value = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(keyword.get(), &at, &key, &value);)
      f.kw_defaults.emplace(text_of(key), captured_value(value, {}, f, function));
  }
}

// ---- For tests and developers ----

// A function captured anew, decorated or not.
std::shared_ptr<frontend::Function> captured(PyObject* object) {
  Ref function = Ref::borrow(object);
  if (!PyFunction_Check(object)) {
    function = Ref(PyObject_GetAttrString(object, "py_func"));
    if (!function) PyErr_Clear();
  }
  std::shared_ptr<frontend::Function> f = frontend::make_function();
  capture_function(function ? function.get() : object, *f);
  return f;
}

PyObject* dump_syntax(PyObject*, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"function", "positions", nullptr};
  PyObject* function = nullptr;
  int positions = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|p", const_cast<char**>(names), &function, &positions))
    return nullptr;
  return guarded(
      [&] { return make_str(syntax::print(captured(function)->tree->root, positions)).release(); });
}

PyObject* dump_captures(PyObject*, PyObject* function) {
  return guarded([&] {
    std::shared_ptr<frontend::Function> f = captured(function);
    Ref out = checked(PyDict_New());
    for (const auto& [key, value] : f->captures)
      check_status(PyDict_SetItemString(out.get(), key.c_str(), make_str(frontend::describe(value)).get()));
    return out.release();
  });
}

PyMethodDef methods[] = {
    {"dump_syntax", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(dump_syntax)),
     METH_VARARGS | METH_KEYWORDS,
     "dump_syntax(function, positions=False): the syntax tree of a function, as CANTIL_DUMP=syntax prints "
     "it."},
    {"dump_captures", dump_captures, METH_O,
     "dump_captures(function): a dict from the free names of a function to a line about what each stands "
     "for."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

int add_capture(PyObject* module) { return PyModule_AddFunctions(module, methods); }

void capture_function(PyObject* function, frontend::Function& f) {
  StageTimer timer("capture", f.name);
  if (!PyFunction_Check(function)) {
    PyErr_Format(PyExc_TypeError, "a Python function is expected, not %s", Py_TYPE(function)->tp_name);
    throw PythonError{};
  }
  f.captures.clear();  // of a capture whose compilation failed
  f.defaults.clear();
  f.kw_defaults.clear();
  f.name = text_of(attribute(function, "__qualname__").get());
  Ref module = attribute(function, "__module__");
  f.module = PyUnicode_Check(module.get()) ? text_of(module.get()) : std::string();
  f.filename = text_of(attribute(attribute(function, "__code__").get(), "co_filename").get());
  f.captures.clear();
  f.defaults.clear();
  f.kw_defaults.clear();
  read_source(function, f);
  Names names(function, f);
  for (const std::vector<std::string>& chain : frontend::free_chains(f.tree->root)) names.resolve(chain);
  read_defaults(function, f);
  if (dump_wanted("syntax")) dump_text("syntax", f.name, syntax::print(f.tree->root));
}

}  // namespace cantil::bindings
