namespace TeeIo.Abi.Tests;

public class CSharpNamesTests
{
    [Theory]
    [InlineData("iommu_ioas_map", "IommuIoasMap")]
    [InlineData("ioas-map-flags", "IoasMapFlags")]
    public void Types(string name, string expected) => Assert.Equal(expected, CSharpNames.Type(name));

    [Theory]
    [InlineData("ioas", "IoasId")]
    [InlineData("page-table", "PageTableId")]
    [InlineData("function-id", "FunctionId")]
    public void Ids(string name, string expected) => Assert.Equal(expected, CSharpNames.Id(name));

    [Theory]
    [InlineData("FIXED_IOVA", "FixedIova")]
    [InlineData("4K", "_4k")]
    [InlineData("TdVmcall", "TdVmcall")]
    public void Values(string name, string expected) => Assert.Equal(expected, CSharpNames.Value(name));

    [Theory]
    [InlineData("out_ioas_id", "IoasId")]
    [InlineData("__reserved", "Reserved")]
    [InlineData("out_", "Out")]
    public void Fields(string name, string expected) => Assert.Equal(expected, CSharpNames.Field(name));

    [Theory]
    [InlineData("out_ioas_id", "ioasId")]
    [InlineData("lock", "@lock")]
    [InlineData("__reserved", "reserved")]
    public void Parameters(string name, string expected) => Assert.Equal(expected, CSharpNames.Parameter(name));

    [Theory]
    [InlineData("IOMMU_IOAS_MAP", "IOMMU_", "IoasMap")]
    [InlineData("TDG.TDI.RD", "TDG.", "TdiRd")]
    [InlineData("guest_req", "", "GuestReq")]
    [InlineData("TDG.VP.VMCALL<Service>", "TDG.", "VpVmcallService")]
    public void Methods(string name, string prefix, string expected) => Assert.Equal(expected, CSharpNames.Method(name, prefix));

    [Theory]
    [InlineData("TeeIo.Linux.Iommufd", true)]
    [InlineData("TeeIo.class", false)]
    [InlineData("TeeIo..A", false)]
    [InlineData("A;B", false)]
    public void Only_identifiers_get_into_generated_code(string name, bool expected) => Assert.Equal(expected, CSharpNames.IsQualifiedName(name));
}
