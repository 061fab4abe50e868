// The table of kept Python objects.
#include "python/bindings/object_table.h"

#include <mutex>
#include <unordered_map>
#include <vector>

namespace cantil::bindings {
namespace {

struct ObjectTable {
  std::mutex mutex;  // the GIL does it today, a free-threaded Python has none
  std::vector<PyObject*> objects;
  std::unordered_map<PyObject*, int64_t> numbers;
};

ObjectTable& table() {
  static ObjectTable* t = new ObjectTable;  // never destroyed: the references outlive static destruction
  return *t;
}

}  // namespace

int64_t keep_object(PyObject* object) {
  ObjectTable& t = table();
  std::lock_guard lock(t.mutex);
  auto [it, is_new] = t.numbers.try_emplace(object, static_cast<int64_t>(t.objects.size()));
  if (is_new) {
    Py_INCREF(object);
    t.objects.push_back(object);
  }
  return it->second;
}

PyObject* kept_object(int64_t ref) {
  ObjectTable& t = table();
  std::lock_guard lock(t.mutex);
  return ref >= 0 && ref < static_cast<int64_t>(t.objects.size()) ? t.objects[static_cast<size_t>(ref)]
                                                                  : nullptr;
}

}  // namespace cantil::bindings
