// `wasm-tools component embed` says of which world the component is. The bindings expect an object file to do that, and
// refer to this.
void __component_type_object_force_link_guest(void);
void __component_type_object_force_link_guest(void) {}
