using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Generator.Emit.Mailboxes;
using TeeIo.Generator.Emit.Messages;
using TeeIo.Generator.Emit.Ops;
using TeeIo.Generator.Emit.Registers;

namespace TeeIo.Generator.Emit;

/// <summary>Writes the files of one spec.</summary>
internal static class SpecEmitter
{
    private const string HeadTemplate = "head";

    // A kind of interface is a builder and a template here. A kind that has none yet gets its types only.
    private static readonly Emission[] _emissions =
    {
        new("Profile", "profile", ProfileModel.Build),
        new("Ids", "ids", IdModel.Build),
        new("Enums", "enums", EnumModel.Build),
        new("Records", "records", RecordModel.Build),
        new("Constants", "constants", ConstantModel.Build),
        new("Calls", "calls", CallTableModel.Build),
        new("Client", "ioctl-client", IoctlClientModel.Build),
        new("Server", "ioctl-server", IoctlServerModel.Build),
        new("Client", "register-client", RegisterClientModel.Build),
        new("ModelClient", "register-client", RegisterClientModel.BuildModel),
        new("Server", "register-server", RegisterServerModel.Build),
        new("Codec", "register-page", RegisterPageModel.Build),
        new("Messages", "message-codec", MessageModel.Build),
        new("Requester", "message-requester", MessageModel.Build),
        new("Responder", "message-responder", MessageModel.Build),
        new("Client", "mailbox-client", MailboxModel.Build),
        new("Server", "mailbox-server", MailboxModel.Build),
        new("Client", "command-client", CommandModel.Build),
        new("Server", "command-server", CommandModel.Build),
        new("Locks", "locks", OpsModel.BuildLocks),
        new("Interfaces", "ops-interfaces", OpsModel.BuildInterfaces),
        new("Boundaries", "ops-boundaries", OpsModel.BuildBoundaries),
        new("States", "ops-states", StateModel.Build),
        new("Drivers", "ops-drivers", DriverModel.Build),
        new("Flow", "flow", FlowModelBuilder.Build),
    };

    /// <summary>The files of <paramref name="input"/>; none while it is wrong.</summary>
    public static EquatableArray<GeneratedFile> Emit(EmitInput input, CancellationToken cancel)
    {
        if (!input.IsEmitted || input.Checked.Spec is not { } spec || input.Checked.Diagnostics.Any(d => d.Severity == AbiSeverity.Error)) return default;
        List<GeneratedFile> files = new();
        TypeTable types = new(spec, input.Visible);
        using TemplateRenderer renderer = new();
        foreach (Emission emission in _emissions)
        {
            cancel.ThrowIfCancellationRequested();
            EmitContext context = new(spec, input, types);
            if (emission.Build(context) is not { } model) continue;
            ScriptObject head = new()
            {
                ["abi"] = Docs.OneLine(spec.Name),
                ["source"] = Docs.OneLine(spec.Provenance.Source),
                ["usings"] = context.Usings.ToArray(),
                ["namespace"] = spec.Namespace,
            };
            renderer.Text.Clear();
            renderer.Render(HeadTemplate, head);
            int body = renderer.Text.Length;
            renderer.Render(emission.Template, model);
            renderer.Text.Tidy(body);
            renderer.Text.Write("\n", 0, 1);
            files.Add(new GeneratedFile($"{context.Stem}.{emission.Group}.g.cs", renderer.Text.Copy()));
        }

        return new(files);
    }
}
