using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TeeIo.Abi.Yaml;

/// <summary>Makes a small tree with positions out of YAML's event stream. A spec comes from anywhere, so nothing in it may exhaust the stack or the memory:
/// depth and size are limited while reading, and what multiplies (anchors, aliases) or constructs (tags) is refused.</summary>
internal static class YamlReader
{
    public const int MaxDepth = 64;
    public const int MaxBytes = 1 << 20;

    /// <summary>The root node, or null after reporting why there is none.</summary>
    public static YamlNode? Read(string text, DiagnosticBag bag)
    {
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            bag.Report(AbiRules.TooLarge, SourceSpan.Start, MaxBytes);
            return null;
        }

        Parser parser = new(new StringReader(text.TrimStart('\uFEFF')));
        try
        {
            return ReadDocument(parser, bag);
        }
        catch (YamlException e)
        {
            bag.Report(AbiRules.BadYaml, Span(e.Start, e.End), FirstLine(e.Message));
        }
        catch (InvalidOperationException)
        {
            // The parser's own state machine gives up like this on some malformed documents.
            SourceSpan where = parser.Current is { } current ? Span(current.Start, current.End) : SourceSpan.Start;
            bag.Report(AbiRules.BadYaml, where, "what follows fits nothing here; look for a bracket, quote or comma that is missing");
        }

        return null;
    }

    private static YamlNode? ReadDocument(Parser parser, DiagnosticBag bag)
    {
        Stack<OpenNode> open = new();
        YamlNode? root = null;
        while (parser.MoveNext())
        {
            ParsingEvent current = parser.Current!;
            SourceSpan span = Span(current.Start, current.End);
            if (!IsAllowed(current, span, root is not null, open, bag)) return null;

            YamlNode? done = null;
            switch (current)
            {
                case Scalar scalar:
                    done = new YamlScalar(scalar.Value, span);
                    break;
                case MappingStart or SequenceStart:
                    open.Push(new OpenNode(current is MappingStart, span));
                    break;
                case MappingEnd or SequenceEnd:
                    done = open.Pop().Close(span);
                    break;
            }

            if (done is null) continue;
            if (open.Count > 0) open.Peek().Add(done, bag);
            else root = done;
        }

        if (root is null) bag.Report(AbiRules.BadYaml, SourceSpan.Start, "the file is empty");
        return root;
    }

    private static bool IsAllowed(ParsingEvent current, SourceSpan span, bool hasRoot, Stack<OpenNode> open, DiagnosticBag bag)
    {
        int before = bag.Count;
        bool opens = current is MappingStart or SequenceStart;
        if (current is AnchorAlias) bag.Report(AbiRules.NotPlain, span, "an alias");
        else if (current is NodeEvent { Anchor.IsEmpty: false }) bag.Report(AbiRules.NotPlain, span, "an anchor");
        else if (current is NodeEvent { Tag.IsEmpty: false }) bag.Report(AbiRules.NotPlain, span, "a tag");
        else if (current is DocumentStart && hasRoot) bag.Report(AbiRules.BadYaml, span, "a spec is one document; put the second into a file of its own");
        else if (opens && open.Count >= MaxDepth) bag.Report(AbiRules.TooDeep, span, MaxDepth);
        else if (opens && open.Count > 0 && open.Peek().WantsKey) bag.Report(AbiRules.BadYaml, span, "a key must be a single word");
        return bag.Count == before;
    }

    private static SourceSpan Span(Mark start, Mark end) => new((int)start.Line, (int)start.Column, (int)end.Line, (int)end.Column);

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}
