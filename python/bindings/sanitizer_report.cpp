// Findings as Python dictionaries; cantil.cuda._sanitizer makes the report of them.
#include "python/bindings/sanitizer_report.h"

#include "python/bindings/conversion.h"
#include "python/bindings/errors.h"
#include "python/bindings/ref.h"

namespace cantil::bindings {
namespace {

using simulator::Finding;
using simulator::FindingKind;

const char* kind_name(FindingKind kind) {
  switch (kind) {
    case FindingKind::Race:
      return "race";
    case FindingKind::OutOfBounds:
      return "out of bounds";
    case FindingKind::Uninitialised:
      return "uninitialised";
    case FindingKind::DivergentBarrier:
      return "divergent barrier";
    case FindingKind::WarpMask:
      return "warp mask";
  }
  return "";
}

const char* space_name(int space) {
  switch (space) {
    case CANTIL_RT_SHARED:
      return "shared";
    case CANTIL_RT_LOCAL:
      return "local";
    case CANTIL_RT_CONST:
      return "constant";
    default:
      return "global";
  }
}

Ref triple(uint64_t number, const unsigned (&dims)[3]) {
  return checked(Py_BuildValue("(KKK)", static_cast<unsigned long long>(number % dims[0]),
                               static_cast<unsigned long long>(number / dims[0] % dims[1]),
                               static_cast<unsigned long long>(number / dims[0] / dims[1])));
}

Ref numbers(const std::vector<int64_t>& values) {
  Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(values.size())));
  for (size_t k = 0; k < values.size(); ++k)
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(k),
                     checked(PyLong_FromLongLong(values[k])).release());
  return tuple;
}

// (what, file, line, function, block or None, thread or None)
Ref place(const SanitizerFound& found, int32_t site, uint64_t block, uint32_t thread, bool known) {
  static constexpr const char* kKinds[] = {"read", "write", "atomic", "barrier", "return"};
  const char* what = "end";
  compiler::Frame frame;
  frame.function = found.artifact->function_name;
  if (site >= 0 && static_cast<size_t>(site) < found.artifact->access_sites.size()) {
    const compiler::AccessSite& s = found.artifact->access_sites[static_cast<size_t>(site)];
    what = kKinds[static_cast<size_t>(s.kind)];
    frame = s.frame;
  }
  Ref b = known ? triple(block, found.grid) : Ref::borrow(Py_None);
  Ref t = known ? triple(thread, found.block) : Ref::borrow(Py_None);
  Ref file = make_str(frame.file), function = make_str(frame.function);
  return checked(Py_BuildValue("(sOIOOO)", what, file.get(), frame.line, function.get(), b.get(), t.get()));
}

Ref dictionary(const SanitizerFound& found, const Finding& f) {
  const bool is_access = f.kind != FindingKind::DivergentBarrier && f.kind != FindingKind::WarpMask;
  std::string array;
  if (is_access && static_cast<size_t>(f.site) < found.artifact->access_sites.size())
    array = found.artifact->access_sites[static_cast<size_t>(f.site)].array;
  const bool has_other = f.kind == FindingKind::Race || f.kind == FindingKind::DivergentBarrier;
  Ref here = place(found, f.site, f.block, f.thread, true);
  Ref other = has_other ? place(found, f.other_site, f.other_block, f.other_thread, f.other_thread_known)
                        : Ref::borrow(Py_None);
  Ref name = array.empty() ? Ref::borrow(Py_None) : make_str(array);
  Ref space = is_access ? make_str(space_name(f.space)) : Ref::borrow(Py_None);
  Ref index = f.shape.empty() ? Ref::borrow(Py_None) : numbers(f.index);
  Ref shape = f.shape.empty() ? Ref::borrow(Py_None) : numbers(f.shape);
  return checked(Py_BuildValue("{s:s,s:O,s:O,s:O,s:O,s:O,s:O,s:I,s:K}", "kind", kind_name(f.kind), "memory",
                               space.get(), "array", name.get(), "index", index.get(), "shape", shape.get(),
                               "access", here.get(), "other", other.get(), "mask", f.mask, "count",
                               static_cast<unsigned long long>(f.count)));
}

}  // namespace

void refuse_sanitizing(const std::string& name) {
  Ref cls = import_attribute("cantil.errors", "UnsupportedError");
  PyErr_Format(cls.get(),
               "the sanitizer checks kernels on the simulator: set CANTIL_CUDA=sim, or call %s.cpu[…]",
               name.c_str());
  throw PythonError{};
}

void raise_sanitizer_error(const SanitizerFound& found) noexcept {
  try {
    Ref list = checked(PyList_New(0));
    for (const Finding& f : found.findings)
      check_status(PyList_Append(list.get(), dictionary(found, f).get()));
    Ref make = import_attribute("cantil.cuda._sanitizer", "make_error");
    Ref name = make_str(found.artifact->function_name);
    Ref error = checked(PyObject_CallFunctionObjArgs(make.get(), name.get(), list.get(), nullptr));
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.get())), error.get());
  } catch (const PythonError&) {
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  }
}

}  // namespace cantil::bindings
