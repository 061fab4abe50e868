// An owning reference to a Python object, and small helpers around the GIL. All need the GIL unless they say
// otherwise.
#pragma once
#include <Python.h>

#include <memory>
#include <string>
#include <utility>

namespace cantil::bindings {

class Ref {
 public:
  Ref() = default;
  explicit Ref(PyObject* owned) : object_(owned) {}
  Ref(const Ref& other) : object_(other.object_) { Py_XINCREF(object_); }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  static Ref borrow(PyObject* object) {
    Py_XINCREF(object);
    return Ref(object);
  }

  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// Thrown where a Python exception has already been set, so that C++ frames unwind to the boundary.
struct PythonError {};

inline Ref checked(PyObject* owned) {
  if (!owned) throw PythonError{};
  return Ref(owned);
}

inline void check_status(int status) {
  if (status < 0) throw PythonError{};
}

// The UTF-8 text of a str.
inline std::string text_of(PyObject* str) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(str, &size);
  if (!data) throw PythonError{};
  return std::string(data, static_cast<size_t>(size));
}

inline Ref attribute(PyObject* object, const char* name) {
  return checked(PyObject_GetAttrString(object, name));
}

// Imports a module and takes one attribute of it.
inline Ref import_attribute(const char* module, const char* name) {
  Ref m = checked(PyImport_ImportModule(module));
  return attribute(m.get(), name);
}

inline Ref make_str(const std::string& text) {
  return checked(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

class GilHeld {  // takes the GIL from any thread
 public:
  GilHeld() : state_(PyGILState_Ensure()) {}
  ~GilHeld() { PyGILState_Release(state_); }
  GilHeld(const GilHeld&) = delete;
  GilHeld& operator=(const GilHeld&) = delete;

 private:
  PyGILState_STATE state_;
};

class GilReleased {
 public:
  GilReleased() : state_(PyEval_SaveThread()) {}
  ~GilReleased() { PyEval_RestoreThread(state_); }
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;

 private:
  PyThreadState* state_;
};

// A reference that may be dropped on any thread, GIL held or not; for objects that the compiler's structures
// keep.
inline std::shared_ptr<PyObject> share(PyObject* borrowed) {
  Py_INCREF(borrowed);
  return std::shared_ptr<PyObject>(borrowed, [](PyObject* object) {
    if (!Py_IsInitialized()) return;  // at exit the interpreter is gone: its objects are too
    GilHeld gil;
    Py_DECREF(object);
  });
}

}  // namespace cantil::bindings
