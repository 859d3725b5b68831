using System.CommandLine;
using TeeIo.Cli;

var root = new RootCommand("TeeIo: trusted device assignment (PCIe TDISP), end to end.") { FlowCommand.Create(), VmCommand.Create(), DoctorCommand.Create(), SpdmCommand.Create() };
return root.Parse(args).Invoke();
