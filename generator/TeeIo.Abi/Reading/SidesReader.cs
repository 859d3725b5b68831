using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>sides: { client: …, server: … }</c>.</summary>
internal static class SidesReader
{
    public static Sides? Read(MapReader map)
    {
        if (map.Map("sides") is not { } sides) return null;
        const string Hint = "name the actor on that side";
        Sides result = new(sides.RequiredName("client", Hint), sides.RequiredName("server", Hint));
        sides.Close();
        return result;
    }
}
