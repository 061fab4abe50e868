// A kernel's code together with what was linked to it.
#include "python/bindings/linked_image.h"

namespace cantil::bindings {

Ref externals_of(const compiler::Artifact& artifact) {
  Ref list = checked(PyList_New(0));
  for (const std::string& text : artifact.externals)
    check_status(PyList_Append(list.get(), make_str(text).get()));
  return list;
}

std::string linked_image(PyObject* kernel, const compiler::Artifact& artifact, const CudaDevice& device,
                         bool& cooperative) {
  Ref link = import_attribute("cantil.cuda._link", "link"), externals = externals_of(artifact);
  const bool is_ptx = artifact.kind == compiler::TargetKind::Ptx;
  Ref ptx = is_ptx ? make_str(artifact.code) : Ref::borrow(Py_None);
  const auto& p = device.properties();
  Ref result = checked(PyObject_CallFunction(link.get(), "OOOs(ii)", kernel, externals.get(), ptx.get(),
                                             artifact.entry.c_str(), p.compute_major, p.compute_minor));
  PyObject* image = nullptr;
  int is_cooperative = 0;
  if (!PyArg_ParseTuple(result.get(), "Sp", &image, &is_cooperative)) throw PythonError{};
  cooperative = is_cooperative != 0;
  return {PyBytes_AS_STRING(image), static_cast<size_t>(PyBytes_GET_SIZE(image))};
}

void run_setup(PyObject* kernel, const compiler::Artifact& artifact, const CudaCode& code) {
  Ref loaded = import_attribute("cantil.cuda._link", "loaded"), externals = externals_of(artifact);
  checked(PyObject_CallFunction(loaded.get(), "OOK", kernel, externals.get(),
                                static_cast<unsigned long long>(code.module_handle())));
}

}  // namespace cantil::bindings
