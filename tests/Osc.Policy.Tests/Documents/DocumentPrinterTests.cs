using CsCheck;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Xunit;

namespace Osc.Policy.Tests.Documents;

public sealed class DocumentPrinterTests
{
    [Fact]
    public void Document_printed_as_yaml_reads_as_itself()
    {
        DocumentGen.Sound.Sample(document => Assert.Equal(document, ReadOne(DocumentReader.ReadYaml(DocumentPrinter.ToYaml(document), "d.yaml"))), iter: 5_000);
    }

    [Fact]
    public void Document_printed_as_json_reads_as_itself_also_by_the_yaml_reader()
    {
        DocumentGen.Sound.Sample(document =>
        {
            Assert.Equal(document, ReadOne(DocumentReader.ReadJson(DocumentPrinter.ToJson(document), "d.json")));
            Assert.Equal(document, ReadOne(DocumentReader.ReadJson(DocumentPrinter.ToIndentedJson(document), "d.json")));
            Assert.Equal(document, ReadOne(DocumentReader.ReadYaml(DocumentPrinter.ToIndentedJson(document), "d.yaml")));
        }, iter: 5_000);
    }

    [Fact]
    public void Documents_printed_as_one_stream_read_as_themselves_in_order()
    {
        DocumentGen.Sound.Array[1, 5].Select(all => all.DistinctBy(d => d.Key).ToArray()).Sample(
            documents => Assert.Equal(documents, DocumentReader.ReadYaml(DocumentPrinter.ToYaml(documents), "d.yaml").Documents),
            iter: 1_000);
    }

    [Fact]
    public void Hash_is_the_same_when_and_only_when_documents_are_equal()
    {
        Gen.Select(DocumentGen.Sound, DocumentGen.Sound).Sample(
            (a, b) =>
            {
                Assert.Equal(a == b, DocumentHash.Of(a) == DocumentHash.Of(b));
                Assert.Equal(DocumentHash.Of(a), DocumentHash.Of(ReadOne(DocumentReader.ReadYaml(DocumentPrinter.ToYaml(a), "d.yaml"))));
            },
            iter: 2_000);
    }

    [Fact]
    public void Generator_makes_every_kind()
    {
        var kinds = new HashSet<Kind>();
        DocumentGen.Sound.Sample(d => { lock (kinds) { kinds.Add(d.Kind); } }, iter: 2_000);
        Assert.Equal(Enum.GetValues<Kind>().Order(), kinds.Order());
    }

    [Fact]
    public void Yaml_is_canonical_when_written_otherwise()
    {
        const string written = """
            { kind: Policy, apiVersion: "osc/v1",
              spec: { order: 100, tier: application, rules: [ { action: allow, name: r, direction: both, from: [ shop/web, 10.0.0.1 ], log: false, services: [ tcp/80-80, "any" ] } ] },
              metadata: { labels: { b: "no", a: x }, name: "p", tenant: shop } }
            """;
        const string canonical = """
            apiVersion: osc/v1
            kind: Policy
            metadata:
              name: p
              tenant: shop
              labels:
                a: x
                b: "no"
            spec:
              rules:
                - name: r
                  from: [web, 10.0.0.1/32]
                  services: [tcp/80, any]
                  action: allow

            """;
        Assert.Equal(canonical, DocumentPrinter.ToYaml(ReadOne(DocumentReader.ReadYaml(written, "p.yaml"))));
    }

    [Fact]
    public void Json_and_hash_are_as_documented()
    {
        var service = new ServiceDocument(new Metadata(Name.Parse("http"), Name.Parse("shop")), [ServicePort.Parse("tcp/80")], Shared: true);

        Assert.Equal("""{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"http","tenant":"shop"},"spec":{"ports":["tcp/80"],"shared":true}}""", DocumentPrinter.ToJson(service));
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(DocumentPrinter.ToJson(service)));
        Assert.Equal(Convert.ToHexStringLower(hash)[..32], DocumentHash.Of(service));
    }

    private static Document ReadOne(ReadResult read)
    {
        Assert.Empty(read.Errors.Select(e => e.ToString()));
        return Assert.Single(read.Documents);
    }
}
