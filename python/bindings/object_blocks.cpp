// Blocks of compiled functions that run as Python: the hook that compiled code reaches them by.
#include "python/bindings/object_blocks.h"

#include <cstring>
#include <unordered_map>

#include "device_runtime/abi.h"
#include "frontend/function.h"
#include "frontend/object_blocks.h"
#include "ir/object_types.h"
#include "python/bindings/box.h"
#include "python/bindings/errors.h"
#include "python/bindings/owner.h"
#include "python/bindings/ref.h"
#include "python/bindings/typeof.h"
#include "python/bindings/unbox.h"

namespace cantil::bindings {
namespace {

using frontend::ObjectBlock;
using ir::TypeRef;

// Under the GIL. Never destroyed.
std::unordered_map<int64_t, PyObject*>& made_blocks() {
  static auto* table = new std::unordered_map<int64_t, PyObject*>;
  return *table;
}

Ref names(const std::vector<std::string>& texts) {
  Ref list = checked(PyList_New(0));
  for (const std::string& text : texts) check_status(PyList_Append(list.get(), make_str(text).get()));
  return list;
}

PyObject* function_for(int64_t number, const ObjectBlock& block) {
  PyObject*& made = made_blocks()[number];
  if (made) return made;
  std::shared_ptr<frontend::Function> f = frontend::find_function(block.function);
  if (!f || !f->source_object) {
    PyErr_SetString(PyExc_RuntimeError, "the function around this objmode block is gone");
    throw PythonError{};
  }
  Ref make = import_attribute("cantil._object_blocks", "make_block");
  Ref inputs = names(block.inputs), outputs = names(block.outputs);
  made = checked(PyObject_CallFunction(make.get(), "OIIOO", static_cast<PyObject*>(f->source_object.get()),
                                       block.line, block.col, inputs.get(), outputs.get()))
             .release();
  return made;
}

// Counts the owners in a value that is borrowed, so that boxing may take them. An absent optional's are
// undefined.
void retain_owners(TypeRef t, const char* at, const ir::Leaf*& leaf) {
  if (t->is(ir::TypeKind::Optional)) {
    const bool present = *reinterpret_cast<const uint8_t*>(at + (leaf++)->offset) != 0;
    if (present) return retain_owners(t->elem(), at, leaf);
    std::vector<ir::Leaf> skipped;
    ir::append_leaves(t->elem(), 0, skipped);
    leaf += skipped.size();
    return;
  }
  if (t->is_tuple()) {
    for (TypeRef e : t->elems) retain_owners(e, at, leaf);
    return;
  }
  std::vector<ir::Leaf> own;
  ir::append_leaves(t, 0, own);
  for (size_t i = 0; i < own.size(); ++i, ++leaf) {
    if (leaf->kind != ir::LeafKind::Owner) continue;
    cantil_rt_owner* owner;
    std::memcpy(&owner, at + leaf->offset, sizeof owner);
    cantil_rt_retain(owner);
  }
}

// Arrays are used in place: what the block gives has to be of the type that it was announced with.
void check_output(const ObjectBlock& block, size_t i, PyObject* value) {
  TypeRef wanted = block.output_types[i];
  if (!wanted->is_array()) return;
  TypeRef given = PyArray_Check(value) ? typeof_value(value) : nullptr;
  const bool fits = given && given->is_array() && given->elem() == wanted->elem() &&
                    given->ndim == wanted->ndim &&
                    (given->layout == wanted->layout || wanted->layout == ir::Layout::A) &&
                    (!given->readonly || wanted->readonly);
  if (fits) return;
  PyErr_Format(PyExc_TypeError, "objmode: '%s' is announced as %s, the block gives %s",
               block.outputs[i].c_str(), wanted->str().c_str(),
               given ? given->str().c_str() : Py_TYPE(value)->tp_name);
  throw PythonError{};
}

void run(int64_t number, const ObjectBlock& block, const char* args, char* out) {
  TypeRef in = ir::tuple_type(block.input_types);
  ir::Packed packed = ir::pack({in});
  const ir::Leaf* leaf = packed.leaves.data();
  retain_owners(in, args, leaf);
  Ref values = checked(Boxer(packed, args, nullptr).next(in));
  Ref result = checked(PyObject_CallObject(function_for(number, block), values.get()));
  for (size_t i = 0; i < block.outputs.size(); ++i)
    check_output(block, i, PyTuple_GET_ITEM(result.get(), static_cast<Py_ssize_t>(i)));
  // The status is the first of the outputs' tuple.
  Ref all = checked(PyTuple_New(static_cast<Py_ssize_t>(block.outputs.size()) + 1));
  PyTuple_SET_ITEM(all.get(), 0, checked(PyLong_FromLong(0)).release());
  for (size_t i = 0; i < block.outputs.size(); ++i)
    PyTuple_SET_ITEM(all.get(), static_cast<Py_ssize_t>(i) + 1,
                     Py_NewRef(PyTuple_GET_ITEM(result.get(), static_cast<Py_ssize_t>(i))));
  TypeRef type = frontend::object_block_result(block);
  unbox_element(ir::pack({type}), type, all.get(), out);
}

cantil_rt_owner* call_block(int64_t number, const void* args) {
  const ObjectBlock* block = frontend::find_object_block(number);
  const ir::OwnerMap map = ir::owner_map({frontend::object_block_result(*block)});
  const auto size = static_cast<int64_t>(map.size);
  cantil_rt_owner* memory = cantil_rt_alloc_counted(size, size, map.words[0], map.words[1], map.words[2]);
  if (!memory) std::abort();  // compiled code has no other answer where not even a few bytes are left
  auto* out = static_cast<char*>(memory->data);
  std::memset(out, 0, map.size);
  GilHeld gil;
  try {
    run(number, *block, static_cast<const char*>(args), out);
  } catch (...) {
    set_current_exception();
    PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback) PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    const auto address = static_cast<int64_t>(reinterpret_cast<intptr_t>(value));
    std::memcpy(out, &address, sizeof address);
  }
  return memory;
}

}  // namespace

void add_object_blocks() { cantil_rt_set_object_block_hook(call_block); }

}  // namespace cantil::bindings
