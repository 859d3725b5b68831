using System.CommandLine;
using TeeIo.Abi.Tool;
using TeeIo.Abi.Tool.Checking;
using TeeIo.Abi.Tool.Comparing;
using TeeIo.Abi.Tool.Emitting;
using TeeIo.Abi.Tool.Explaining;
using TeeIo.Abi.Tool.Importing;

var root = new RootCommand("teeio-abi: lives with an ABI that changes. Exit codes: 0 all is well, 1 something was found, 2 it can't be done.")
{
    CheckCommand.Create(),
    ImportCommand.Create(),
    DiffCommand.Create(),
    ExplainCommand.Create(),
    CollisionsCommand.Create(),
    EmitCommand.Create(),
};
return ExitCode.Of(() => root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
