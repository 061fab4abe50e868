// DLPack capsules over device memory. The structures are the protocol's ABI (versions 0.x and 1.x).
#include "python/bindings/dlpack.h"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "python/bindings/ref.h"

namespace py = pybind11;

namespace cantil::bindings {
namespace {

struct Tensor {
  void* data;
  int32_t device_type;
  int32_t device_id;
  int32_t ndim;
  uint8_t code, bits;
  uint16_t lanes;
  int64_t* shape;
  int64_t* strides;  // in elements; null for C order
  uint64_t byte_offset;
};
struct Managed {  // "dltensor"
  Tensor tensor;
  void* context;
  void (*deleter)(Managed*);
};
struct Versioned {  // "dltensor_versioned"
  uint32_t major, minor;
  void* context;
  void (*deleter)(Versioned*);
  uint64_t flags;
  Tensor tensor;
};
constexpr uint64_t kReadOnly = 1, kIsCopied = 2;

struct Kind {
  char letter;
  uint8_t code;
};
constexpr Kind kKinds[] = {{'i', 0}, {'u', 1}, {'f', 2}, {'c', 5}, {'b', 6}};

// What an exported tensor holds on to.
struct Exported {
  std::shared_ptr<PyObject> owner;
  std::vector<int64_t> shape, strides;
};

template <typename T>
void delete_tensor(T* tensor) {
  delete static_cast<Exported*>(tensor->context);
  delete tensor;
}

template <typename T>
void destroy_capsule(PyObject* capsule) {
  const char* name = PyCapsule_GetName(capsule);
  if (!name || std::string_view(name).starts_with("used_")) return;
  auto* tensor = static_cast<T*>(PyCapsule_GetPointer(capsule, name));
  if (tensor && tensor->deleter) tensor->deleter(tensor);
}

template <typename T>
py::object make_capsule(std::unique_ptr<T> tensor, Exported* held, const char* name) {
  tensor->context = held;
  tensor->deleter = delete_tensor<T>;
  PyObject* capsule = PyCapsule_New(tensor.get(), name, destroy_capsule<T>);
  if (!capsule) {
    delete held;
    throw py::error_already_set();
  }
  tensor.release();
  return py::reinterpret_steal<py::object>(capsule);
}

py::object export_tensor(const py::object& owner, uint64_t pointer, const std::string& typestr,
                         std::vector<int64_t> shape, std::vector<int64_t> strides, std::pair<int, int> device,
                         bool versioned, bool readonly, bool copied) {
  const Kind* kind = nullptr;
  for (const Kind& k : kKinds)
    if (typestr.size() > 2 && typestr[1] == k.letter) kind = &k;
  if (!kind || typestr[0] == '>') throw py::buffer_error("DLPack has no elements of type " + typestr);
  auto held = std::make_unique<Exported>(Exported{share(owner.ptr()), std::move(shape), std::move(strides)});
  Tensor t{};
  t.data = reinterpret_cast<void*>(pointer);
  t.device_type = device.first;
  t.device_id = device.second;
  t.ndim = static_cast<int32_t>(held->shape.size());
  t.code = kind->code;
  t.bits = static_cast<uint8_t>(8 * std::stoi(typestr.substr(2)));
  t.lanes = 1;
  t.shape = held->shape.data();
  t.strides = held->strides.data();
  if (versioned) {
    auto made = std::make_unique<Versioned>();
    made->major = 1;
    made->minor = 0;
    made->flags = (readonly ? kReadOnly : 0) | (copied ? kIsCopied : 0);
    made->tensor = t;
    return make_capsule(std::move(made), held.release(), "dltensor_versioned");
  }
  auto made = std::make_unique<Managed>();
  made->tensor = t;
  return make_capsule(std::move(made), held.release(), "dltensor");
}

// Owns an imported tensor: its deleter runs with the last reference.
template <typename T>
py::object own(T* tensor) {
  return py::capsule(tensor, [](void* p) {
    auto* t = static_cast<T*>(p);
    if (t->deleter) t->deleter(t);
  });
}

std::string typestr_of(const Tensor& t) {
  if (t.lanes != 1 || t.bits % 8) throw py::buffer_error("elements of several lanes are not supported");
  for (const Kind& k : kKinds)
    if (k.code == t.code)
      return (t.bits == 8 ? "|" : "<") + std::string(1, k.letter) + std::to_string(t.bits / 8);
  throw py::buffer_error("elements of DLPack type code " + std::to_string(t.code) + " are not supported");
}

// (pointer, dtype, shape, strides in elements or None, device type, read-only, owner); consumes the capsule.
py::tuple import_tensor(const py::object& capsule) {
  PyObject* object = capsule.ptr();
  py::object owner;
  Tensor t{};
  bool readonly = false;
  if (PyCapsule_IsValid(object, "dltensor_versioned")) {
    auto* tensor = static_cast<Versioned*>(PyCapsule_GetPointer(object, "dltensor_versioned"));
    if (tensor->major != 1)
      throw py::buffer_error("DLPack version " + std::to_string(tensor->major) + " is not supported");
    t = tensor->tensor;
    typestr_of(t);
    readonly = tensor->flags & kReadOnly;
    owner = own(tensor);
    PyCapsule_SetName(object, "used_dltensor_versioned");
  } else if (PyCapsule_IsValid(object, "dltensor")) {
    auto* tensor = static_cast<Managed*>(PyCapsule_GetPointer(object, "dltensor"));
    t = tensor->tensor;
    typestr_of(t);
    owner = own(tensor);
    PyCapsule_SetName(object, "used_dltensor");
  } else {
    throw py::type_error(
        "an object with __dlpack__ or a DLPack capsule that was not used before is expected");
  }
  std::vector<int64_t> shape(t.shape, t.shape + t.ndim);
  py::object strides = py::none();
  if (t.strides) strides = py::cast(std::vector<int64_t>(t.strides, t.strides + t.ndim));
  return py::make_tuple(reinterpret_cast<uint64_t>(t.data) + t.byte_offset, typestr_of(t), shape, strides,
                        t.device_type, readonly, owner);
}

}  // namespace

int add_dlpack(PyObject* module) {
  py::module_ m = py::reinterpret_borrow<py::module_>(module);
  m.def("dlpack_export", &export_tensor);
  m.def("dlpack_import", &import_tensor);
  return 0;
}

}  // namespace cantil::bindings
