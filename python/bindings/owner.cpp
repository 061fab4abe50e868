// Who owns an array's memory, across the border between Python and compiled code.
#include "python/bindings/owner.h"

#include <atomic>
#include <new>

#include "python/bindings/ref.h"

namespace cantil::bindings {
namespace {

struct PythonOwner : cantil_rt_owner {
  PythonOwner* next;
};

constexpr int kMaxFree = 256;
PythonOwner* free_list = nullptr;  // guarded by the GIL
int free_count = 0;

void recycle(PythonOwner* owner) {
  Py_DECREF(static_cast<PyObject*>(owner->payload));
  if (free_count < kMaxFree) {
    owner->next = free_list;
    free_list = owner;
    ++free_count;
  } else {
    delete owner;
  }
}

// Called by compiled code, which may run without the GIL.
void destroy_python_owner(cantil_rt_owner* owner) {
  if (!Py_IsInitialized()) return;
  GilHeld gil;
  recycle(static_cast<PythonOwner*>(owner));
}

struct OwnerObject {
  PyObject_HEAD cantil_rt_owner* owner;
};

void owner_object_dealloc(PyObject* self) {
  release_owner(reinterpret_cast<OwnerObject*>(self)->owner);
  PyTypeObject* cls = Py_TYPE(self);
  cls->tp_free(self);
  Py_DECREF(cls);
}

PyType_Slot owner_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(owner_object_dealloc)},
    {Py_tp_doc, const_cast<char*>("Keeps memory of compiled code alive for the arrays over it.")},
    {0, nullptr}};
PyType_Spec owner_spec = {"cantil._core.Memory", sizeof(OwnerObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, owner_slots};
PyTypeObject* owner_class = nullptr;

}  // namespace

cantil_rt_owner* own_object(PyObject* object, void* data, int64_t size) {
  PythonOwner* owner = free_list;
  if (owner) {
    free_list = owner->next;
    --free_count;
  } else {
    owner = new PythonOwner;
    owner->destroy = destroy_python_owner;
  }
  owner->count = 1;
  owner->data = data;
  owner->size = size;
  Py_INCREF(object);
  owner->payload = object;
  return owner;
}

PyObject* object_of(const cantil_rt_owner* owner) {
  return owner && owner->destroy == destroy_python_owner ? static_cast<PyObject*>(owner->payload) : nullptr;
}

void release_owner(cantil_rt_owner* owner) {
  if (!owner) return;
  std::atomic_ref<int64_t> count(owner->count);
  // A count of 1 is ours alone, nobody else can raise it: the locked subtraction is only for shared owners.
  if (count.load(std::memory_order_acquire) != 1 && count.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  if (owner->destroy == destroy_python_owner)
    recycle(static_cast<PythonOwner*>(owner));
  else
    cantil_rt_destroy(owner);
}

PyObject* wrap_owner(cantil_rt_owner* owner) {
  auto* object = reinterpret_cast<OwnerObject*>(owner_class->tp_alloc(owner_class, 0));
  if (!object) {
    release_owner(owner);
    return nullptr;
  }
  object->owner = owner;
  return reinterpret_cast<PyObject*>(object);
}

int init_owner() {
  owner_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&owner_spec));
  return owner_class ? 0 : -1;
}

}  // namespace cantil::bindings
