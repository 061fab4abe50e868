// cantil._core.ExternalFunction: a function of CUDA C++ or PTX that kernels call.
#include "python/bindings/external_function.h"

#include <pybind11/pybind11.h>

#include <string_view>

#include "python/bindings/errors.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"
#include "python/bindings/user_function.h"
#include "support/diagnostics.h"

namespace py = pybind11;

namespace cantil::bindings {
namespace {

struct ExternalFunction {
  std::shared_ptr<frontend::Function> function;
};

ExternalFunction make(const std::string& symbol, const py::object& signature, bool c_abi,
                      const std::string& key) {
  auto external = std::make_shared<frontend::External>();
  external->symbol = symbol;
  external->key = key;
  external->c_abi = c_abi;
  read_signature(signature.ptr(), external->args, external->ret);
  ExternalFunction made{frontend::make_function()};
  made.function->name = symbol;
  made.function->role = frontend::FunctionRole::CudaDevice;
  made.function->external = std::move(external);
  return made;
}

std::string_view type_name(PyObject* object) { return Py_TYPE(object)->tp_name; }

}  // namespace

std::shared_ptr<frontend::Function> function_of_external(PyObject* object) {
  // Before pybind11 is asked, which costs more: few objects are of a class that it made.
  if (!py::isinstance<ExternalFunction>(py::handle(object))) return nullptr;
  return py::cast<ExternalFunction*>(py::handle(object))->function;
}

bool is_ffi(PyObject* object) {
  const std::string_view name = type_name(object);
  if (name != "FFI" && !name.ends_with(".FFI")) return false;
  Ref module(PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(object)), "__module__"));
  if (!module || !PyUnicode_Check(module.get())) {
    PyErr_Clear();
    return false;
  }
  const std::string text = text_of(module.get());
  return text == "cffi.api" || text == "_cffi_backend";
}

bool is_from_buffer(PyObject* object) {
  Ref self(PyObject_GetAttrString(object, "__self__")), name(PyObject_GetAttrString(object, "__name__"));
  PyErr_Clear();
  return self && name && PyUnicode_Check(name.get()) && text_of(name.get()) == "from_buffer" &&
         is_ffi(self.get());
}

int add_external_function(PyObject* module) {
  py::module_ m = py::reinterpret_borrow<py::module_>(module);
  py::class_<ExternalFunction>(m, "ExternalFunction", py::dynamic_attr(),
                               "A function from elsewhere that kernels call.")
      .def(py::init(&make), py::arg("symbol"), py::arg("signature"), py::arg("c_abi"), py::arg("key"))
      .def_property_readonly("symbol", [](const ExternalFunction& f) { return f.function->external->symbol; })
      .def_property_readonly("key", [](const ExternalFunction& f) { return f.function->external->key; })
      .def("__call__", [](const ExternalFunction& f, const py::args&, const py::kwargs&) {
        fail(Diag::OnlyInKernel, {}, {f.function->name});
      });
  return 0;
}

}  // namespace cantil::bindings
