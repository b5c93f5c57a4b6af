namespace Osc.Controller.Tests;

/// <summary>Documents that tests put into controllers.</summary>
public static class TestDocuments
{
    /// <summary>Two hosts with a workload each in one network, and a policy that lets web talk to db.</summary>
    public const string Shop = """
        apiVersion: osc/v1
        kind: Host
        metadata: { name: h1, tenant: system }
        spec: { bridges: [ { name: br-int, uplinks: [ up0 ] } ] }
        ---
        apiVersion: osc/v1
        kind: Host
        metadata: { name: h2, tenant: system }
        spec: { bridges: [ { name: br-int, uplinks: [ up0 ] } ] }
        ---
        apiVersion: osc/v1
        kind: Network
        metadata: { name: front, tenant: shop }
        spec: { vlan: 10, subnets: [ 10.9.0.0/24 ] }
        ---
        apiVersion: osc/v1
        kind: Workload
        metadata: { name: web-1, tenant: shop, labels: { app: web } }
        spec:
          interfaces:
            - { name: eth0, mac: "02:00:00:00:00:01", addresses: [ 10.9.0.1 ], network: front, attachment: { host: h1, port: vif1 } }
        ---
        apiVersion: osc/v1
        kind: Workload
        metadata: { name: db-1, tenant: shop, labels: { app: db } }
        spec:
          interfaces:
            - { name: eth0, mac: "02:00:00:00:00:02", addresses: [ 10.9.0.2 ], network: front, attachment: { host: h2, port: vif2 } }
        ---
        apiVersion: osc/v1
        kind: SecurityGroup
        metadata: { name: web, tenant: shop }
        spec: { members: [ { selector: "app = web" } ] }
        ---
        apiVersion: osc/v1
        kind: SecurityGroup
        metadata: { name: db, tenant: shop }
        spec: { members: [ { selector: "app = db" } ] }
        ---
        apiVersion: osc/v1
        kind: Policy
        metadata: { name: app, tenant: shop }
        spec: { rules: [ { name: web-to-db, from: [ web ], to: [ db ], services: [ tcp/5432 ], action: allow } ] }
        """;

    public const int ShopCount = 8;

    /// <summary>Another tenant, whose every name has "vault" in it and whose every address begins with 10.66; its workload is on a host of the shop's.</summary>
    public const string Bank = """
        apiVersion: osc/v1
        kind: Tenant
        metadata: { name: bank, tenant: bank }
        ---
        apiVersion: osc/v1
        kind: Network
        metadata: { name: vault-net, tenant: bank }
        spec: { vlan: 66, subnets: [ 10.66.0.0/24 ] }
        ---
        apiVersion: osc/v1
        kind: Workload
        metadata: { name: vault-1, tenant: bank, labels: { app: vault } }
        spec:
          interfaces:
            - { name: eth0, mac: "02:00:00:00:66:01", addresses: [ 10.66.0.1 ], network: vault-net, attachment: { host: h1, port: vif66 } }
        ---
        apiVersion: osc/v1
        kind: SecurityGroup
        metadata: { name: vault, tenant: bank }
        spec: { members: [ { selector: "app = vault" } ] }
        ---
        apiVersion: osc/v1
        kind: Policy
        metadata: { name: vault-policy, tenant: bank }
        spec: { rules: [ { name: vault-rule, from: [ vault ], to: [ vault ], services: [ tcp/666 ], action: allow, log: true } ] }
        """;

    public static string Service(string name, string port) => $$"""
        apiVersion: osc/v1
        kind: Service
        metadata: { name: {{name}}, tenant: shop }
        spec: { ports: [ {{port}} ] }
        """;
}
