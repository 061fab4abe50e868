// A failed call's status as a Python exception. Everything here is cold.
#include "python/bindings/raise.h"

#include <frameobject.h>

#include <algorithm>
#include <cstring>

#include "python/bindings/box.h"
#include "python/bindings/errors.h"
#include "python/bindings/helpers.h"
#include "python/bindings/object_table.h"
#include "python/bindings/ref.h"

namespace cantil::bindings {
namespace {

Ref exception_class(const compiler::Site& site) {
  if (site.class_ref >= 0)
    if (PyObject* kept = kept_object(site.class_ref)) return Ref::borrow(kept);
  constexpr std::string_view kBuiltins = "builtins.";
  if (site.cls.compare(0, kBuiltins.size(), kBuiltins) == 0)
    return attribute(checked(PyImport_ImportModule("builtins")).get(), site.cls.c_str() + kBuiltins.size());
  Ref find = helper("_tracebacks", "find_class");
  return checked(PyObject_CallOneArg(find.get(), make_str(site.cls).get()));
}

Ref constant(const ir::RaiseArg& arg) {
  switch (arg.kind) {
    case ir::RaiseArg::Int:
      return checked(PyLong_FromLongLong(arg.i));
    case ir::RaiseArg::Float:
      return checked(PyFloat_FromDouble(arg.f));
    case ir::RaiseArg::Bool:
      return checked(PyBool_FromLong(arg.i != 0));
    case ir::RaiseArg::Str:
      return make_str(arg.s);
    default:
      return Ref::borrow(Py_None);
  }
}

// One frame of the traceback: a frame object over a code object that carries the position, never run.
Ref traceback_entry(const compiler::Frame& frame, PyObject* globals, PyObject* next) {
  Ref code_for = helper("_tracebacks", "code_for");
  Ref file = make_str(frame.file), function = make_str(frame.function);
  Ref code = checked(PyObject_CallFunction(code_for.get(), "OOIIII", file.get(), function.get(), frame.line,
                                           frame.end_line, frame.col, frame.end_col));
  PyFrameObject* made =
      PyFrame_New(PyThreadState_Get(), reinterpret_cast<PyCodeObject*>(code.get()), globals, nullptr);
  Ref frame_object = checked(reinterpret_cast<PyObject*>(made));
  return checked(PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyTraceBack_Type), "OOiI", next,
                                       frame_object.get(), 0, frame.line));
}

}  // namespace

namespace {

// What a list's items say, one after another; a shape as NumPy writes it, without spaces.
Ref joined(PyObject* list) {
  std::string text;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
    PyObject* item = PyList_GET_ITEM(list, i);
    std::string part = PyUnicode_Check(item) ? text_of(item) : text_of(checked(PyObject_Str(item)).get());
    if (PyTuple_Check(item)) std::erase(part, ' ');
    text += part;
  }
  Ref one = checked(PyList_New(0));
  check_status(PyList_Append(one.get(), make_str(text).get()));
  return one;
}

}  // namespace

PyObject* make_exception(const compiler::Site& site, const void* packed_args, const std::string& where) {
  return guarded([&] {
    std::vector<ir::TypeRef> types;
    for (const ir::RaiseArg& arg : site.args)
      if (arg.kind == ir::RaiseArg::Runtime) types.push_back(arg.type);
    ir::Packed packed = ir::pack(types);
    Boxer boxer(packed, static_cast<const char*>(packed_args), nullptr);
    Ref list = checked(PyList_New(0));
    for (const ir::RaiseArg& arg : site.args) {
      if (arg.kind == ir::RaiseArg::Join) continue;
      bool runtime = arg.kind == ir::RaiseArg::Runtime;
      if (runtime && !packed_args) continue;
      Ref value = runtime ? checked(boxer.next(arg.type)) : constant(arg);
      if (!where.empty() && PyList_GET_SIZE(list.get()) == 0 && PyUnicode_Check(value.get()))
        value = make_str(where + ": " + text_of(value.get()));
      check_status(PyList_Append(list.get(), value.get()));
    }
    if (!where.empty() && PyList_GET_SIZE(list.get()) == 0)
      check_status(PyList_Append(list.get(), make_str(where).get()));
    if (!site.args.empty() && site.args[0].kind == ir::RaiseArg::Join) list = joined(list.get());
    Ref args = checked(PyList_AsTuple(list.get()));
    Ref cls = exception_class(site);
    Ref exception = checked(PyObject_CallObject(cls.get(), args.get()));
    if (!PyExceptionInstance_Check(exception.get())) {
      PyErr_SetString(PyExc_TypeError, "exceptions must derive from BaseException");
      throw PythonError{};
    }
    return exception.release();
  });
}

void raise_with_frames(PyObject* exception, const std::vector<const compiler::Frame*>& frames,
                       PyObject* globals) {
  try {
    Ref traceback = Ref::borrow(Py_None);
    for (const compiler::Frame* frame : frames)
      if (!frame->is_library && frame->line != 0)
        traceback = traceback_entry(*frame, globals, traceback.get());
    check_status(PyException_SetTraceback(exception, traceback.get()));
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception)), exception);
  } catch (const PythonError&) {
  }
}

namespace {

// What a block that runs as Python has raised is raised on: its address is the site's argument. The compiled
// frames stand around those of the block.
void raise_on(const void* packed_args, const std::vector<const compiler::Frame*>& frames, PyObject* globals) {
  int64_t address;
  std::memcpy(&address, packed_args, sizeof address);
  Ref exception(reinterpret_cast<PyObject*>(static_cast<intptr_t>(address)));
  try {
    Ref traceback(PyException_GetTraceback(exception.get()));
    if (!traceback) traceback = Ref::borrow(Py_None);
    for (const compiler::Frame* frame : frames)
      if (!frame->is_library && frame->line != 0)
        traceback = traceback_entry(*frame, globals, traceback.get());
    check_status(PyException_SetTraceback(exception.get(), traceback.get()));
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.get())), exception.get());
  } catch (const PythonError&) {
  }
}

}  // namespace

void raise_status(const compiler::Artifact& artifact, int32_t status, const cantil_rt_error& error,
                  PyObject* globals) {
  size_t index = static_cast<size_t>(status) - 1;
  if (status <= 0 || index >= artifact.sites.size()) {
    PyErr_Format(PyExc_SystemError, "%s returned the unknown status %d", artifact.function_name.c_str(),
                 status);
    return;
  }
  const compiler::Site& site = artifact.sites[index];
  // The frames first: building the exception may run compiled code that raises and catches.
  std::vector<const compiler::Frame*> frames{&site.frame};
  for (int i = 0; i < std::min<int>(error.frame_count, 64); ++i) {
    size_t frame = static_cast<size_t>(error.frames[i]);
    if (frame < artifact.frames.size()) frames.push_back(&artifact.frames[frame]);
  }
  if (site.cls == "cantil.PythonException") return raise_on(error.args, frames, globals);
  // Its references go over into the exception.
  const cantil_rt_error taken = error;
  cantil_rt_this_error()->owners = 0;
  Ref exception(make_exception(site, taken.args));
  if (exception) raise_with_frames(exception.get(), frames, globals);
}

void raise_kernel_failure(const KernelFailed& failure) noexcept {
  try {
    size_t index = static_cast<size_t>(failure.status) - 1;
    if (failure.status <= 0 || index >= failure.artifact->sites.size()) {
      PyErr_Format(PyExc_SystemError, "the kernel %s left the unknown status %d",
                   failure.artifact->function_name.c_str(), failure.status);
      return;
    }
    const compiler::Site& site = failure.artifact->sites[index];
    auto triple = [](const uint32_t* v) {
      return std::to_string(v[0]) + ", " + std::to_string(v[1]) + ", " + std::to_string(v[2]);
    };
    std::string where = "tid=[" + triple(failure.thread) + "] ctaid=[" + triple(failure.block) + "]";
    Ref exception =
        checked(make_exception(site, failure.args.empty() ? nullptr : failure.args.data(), where));
    for (auto [name, v] : {std::pair{"thread", failure.thread}, {"block", failure.block}}) {
      Ref value = checked(Py_BuildValue("(III)", v[0], v[1], v[2]));
      if (PyObject_SetAttrString(exception.get(), name, value.get()) < 0)
        PyErr_Clear();  // a class with slots: the message says it
    }
    std::vector<const compiler::Frame*> frames{&site.frame};
    for (int32_t f : failure.frames)
      if (static_cast<size_t>(f) < failure.artifact->frames.size())
        frames.push_back(&failure.artifact->frames[static_cast<size_t>(f)]);
    Ref globals = checked(PyDict_New());
    raise_with_frames(exception.get(), frames, globals.get());
  } catch (const PythonError&) {
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  }
}

}  // namespace cantil::bindings
