// Named tuple types of structured dtypes.
#include "python/bindings/record_types.h"

#include "ir/layout.h"
#include "python/bindings/ref.h"
#include "python/bindings/typeof.h"

namespace cantil::bindings {

ir::TypeRef type_of_record(PyArray_Descr* descr) {
  if (descr->type_num != NPY_VOID || !PyDataType_HASFIELDS(descr)) return nullptr;
  PyObject* names = PyDataType_NAMES(descr);
  PyObject* fields = PyDataType_FIELDS(descr);
  std::vector<std::string> words;
  std::vector<ir::TypeRef> types;
  std::vector<size_t> offsets;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) {
    PyObject* name = PyTuple_GET_ITEM(names, i);
    PyObject* field = PyDict_GetItem(fields, name);  // (dtype, offset[, title])
    if (!field || !PyTuple_Check(field) || !PyArray_DescrCheck(PyTuple_GET_ITEM(field, 0))) return nullptr;
    auto* of = reinterpret_cast<PyArray_Descr*>(PyTuple_GET_ITEM(field, 0));
    ir::TypeRef type = PyArray_ISNBO(of->byteorder) ? type_of_dtype_number(of->type_num) : nullptr;
    if (!type) return nullptr;
    words.push_back(text_of(name));
    types.push_back(type);
    offsets.push_back(static_cast<size_t>(PyLong_AsLong(PyTuple_GET_ITEM(field, 1))));
  }
  if (types.empty()) return nullptr;
  size_t at = 0;
  for (size_t i = 0; i < types.size(); ++i) {
    const size_t align = ir::memory_align(types[i]);
    at = (at + align - 1) / align * align;
    if (at != offsets[i]) return nullptr;
    at += ir::memory_size(types[i]);
  }
  ir::TypeRef record = ir::named_tuple_type("Record", std::move(words), std::move(types), -1);
  return ir::memory_size(record) == static_cast<size_t>(PyDataType_ELSIZE(descr)) ? record : nullptr;
}

}  // namespace cantil::bindings
