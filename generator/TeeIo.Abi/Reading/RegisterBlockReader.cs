using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads the keys of a framing whose registers the spec declares itself.</summary>
internal static class RegisterBlockReader
{
    public static RegisterBlock Read(MapReader framing)
    {
        string record = framing.RequiredName("registers", "name the record of the registers");
        string? valid = framing.Name("valid");
        string? page = framing.Name("page");
        if (page is not null && valid is null) framing.Missing("valid", "name the registers' field that says which of them count");
        if (page is not null && !framing.Has("bitmap")) framing.Missing("bitmap", "name the page's field that says which of its quadwords count");
        return new RegisterBlock(record, valid, framing.Texts("always"), framing.Name("reason"), page, page is null ? null : framing.Name("bitmap"));
    }
}
