"""Names for every IRI that code uses: EMMO IRIs cannot be read, so nothing else in the project spells one out.

`LABELS` holds the label of each term as the ontologies give it; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_EMMO: Final = "https://w3id.org/emmo#"
_ECHEM: Final = "https://w3id.org/emmo/domain/electrochemistry#electrochemistry_"
_BATTERY: Final = "https://w3id.org/emmo/domain/battery#battery_"
_CHAMEO: Final = "https://w3id.org/emmo/domain/characterisation-methodology/chameo#"
_CHEMICAL: Final = "https://w3id.org/emmo/domain/chemical-substance#substance_"
_SCHEMA: Final = "https://schema.org/"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_OWL: Final = "http://www.w3.org/2002/07/owl#"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_DCTERMS: Final = "http://purl.org/dc/terms/"
BATTINFO: Final = "https://w3id.org/battinfo/"

# Quantities: a node with a number and a unit (https://github.com/emmo-repo/EMMO).
HAS_PROPERTY: Final = _EMMO + "EMMO_e1097637_70d2_4895_973f_2396f04fa204"
HAS_CONVENTIONAL_PROPERTY: Final = _EMMO + "EMMO_16b510a6_0584_4134_bdb6_3bc185c17860"
HAS_MEASURED_PROPERTY: Final = _EMMO + "EMMO_fd689787_31b0_41cf_bf03_0d69af76469d"
HAS_NUMERICAL_PART: Final = _EMMO + "EMMO_8ef3cd6d_ae58_4a8d_9fc0_ad8f49015cd0"
HAS_NUMBER_VALUE: Final = _EMMO + "EMMO_faf79f53_749d_40b2_807c_d34244c192f4"
"""Called ``hasNumericalValue`` by older contexts: the same IRI."""
HAS_STRING_VALUE: Final = _EMMO + "EMMO_02face50_43a1_40ce_a909_dfe54d5e186b"
HAS_DATA_VALUE: Final = _EMMO + "EMMO_b6292331_94af_4f00_976b_ea55960c2f1c"
HAS_METROLOGICAL_REFERENCE: Final = _EMMO + "EMMO_67fc0a36_8dcb_4ffa_9a43_31074efa3296"
"""What hasMeasurementUnit is a kind of; called ``hasReferenceUnit`` in BattINFO 0.3: the same identifier."""
HAS_METROLOGICAL_UNCERTAINTY: Final = _EMMO + "EMMO_662c64e7_fc72_49b3_a161_f50fd42deafa"
HAS_INPUT: Final = _EMMO + "EMMO_36e69413_8c59_4799_946c_10b05d266e22"
HAS_OUTPUT: Final = _EMMO + "EMMO_c4bace1d_4db0_4cd3_87e9_18122bae2840"
IS_OUTPUT_OF: Final = _EMMO + "EMMO_2bb50428_568d_46e8_b8bf_59a4c5656461"
HAS_MEASUREMENT_UNIT: Final = _EMMO + "EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569"
PROPERTY: Final = _EMMO + "EMMO_b7bcff25_ffc3_474e_9ab5_01b1664bd4ba"
CONVENTIONAL_PROPERTY: Final = _EMMO + "EMMO_d8aa8e1f_b650_416d_88a0_5118de945456"
MEASURED_PROPERTY: Final = _EMMO + "EMMO_873b0ab3_88e6_4054_b901_5531e01f14a4"
NOMINAL_PROPERTY: Final = _EMMO + "EMMO_909415d1_7c43_4d5e_bbeb_7e1910159f66"
QUANTITY: Final = _EMMO + "EMMO_0650c031_42b6_4f0a_b62d_d88f071da6bf"
REAL_DATA: Final = _EMMO + "EMMO_18d180e4_5e3e_42f7_820c_e08951223486"
"""Called ``Real`` by older contexts: the same IRI."""
NUMERICAL_DATA: Final = _EMMO + "EMMO_888a5dea_3b7d_4dc0_93f2_d4e345a1f903"
MEASUREMENT_UNIT: Final = _EMMO + "EMMO_b081b346_7279_46ef_9a3d_2c088fcd79f4"
DATASET: Final = _EMMO + "EMMO_194e367c_9783_4bf5_96d0_9ad597d48d9a"
C: Final = _EMMO + "EMMO_36a9bf69_483b_42fd_8a0c_7ac9206320bc"
"""The programming language, which people take for the degree Celsius."""

# Structure of a cell.
HAS_COMPONENT: Final = _EMMO + "EMMO_3c7f239f_e833_4a2b_98a1_c88831770c1b"
HAS_CONSTITUENT: Final = _EMMO + "EMMO_dba27ca1_33c9_4443_a912_1519ce4c39ec"
HAS_ELECTRODE: Final = _ECHEM + "578c41e9_ee01_4840_9c8c_04ab6e4e6241"
HAS_POSITIVE_ELECTRODE: Final = _ECHEM + "8e9cf965_9f92_46e8_b678_b50410ce3616"
HAS_NEGATIVE_ELECTRODE: Final = _ECHEM + "5d299271_3f68_494f_ab96_3db9acdd3138"
HAS_ELECTROLYTE: Final = _ECHEM + "3bd08946_4e81_455d_9fca_dc7a5ead9315"
HAS_SEPARATOR: Final = _ECHEM + "9317be62_e602_4343_a72d_02c87201b9f6"
HAS_COATING: Final = _ECHEM + "4df9926d_d4f2_4955_93f3_a03c5edc5383"
HAS_ACTIVE_MATERIAL: Final = _ECHEM + "860aa941_5ff9_4452_8a16_7856fad07bee"
HAS_CASE: Final = _ECHEM + "3dcfe33d_6825_43c0_a798_68e871a68d39"
ELECTROCHEMICAL_CELL: Final = _ECHEM + "6f2c88c9_5c04_4953_a298_032cc3ab9b77"
BATTERY: Final = _BATTERY + "74ed2670_657d_4f0b_b0a6_3f13bc2e9c17"
BATTERY_CELL: Final = _BATTERY + "68ed592a_7924_45d0_a108_94d6275d57f0"
PRISMATIC_BATTERY: Final = _BATTERY + "86c9ca80-de6f-417f-afdc-a7e52fa6322d"
CYLINDRICAL_BATTERY: Final = _BATTERY + "ac604ecd_cc60_4b98_b57c_74cd5d3ccd40"
COIN_CELL: Final = _BATTERY + "b7fdab58_6e91_4c84_b097_b06eff86a124"
POUCH_CELL: Final = _BATTERY + "392b3f47_d62a_4bd4_a819_b58b09b8843a"
PRIMARY_BATTERY: Final = _BATTERY + "3b0b0d6e_8b0e_4491_885e_8421d3eb3b69"
SECONDARY_BATTERY: Final = _BATTERY + "efc38420_ecbb_42e4_bb3f_208e7c417098"
BATTERY_TEST: Final = _BATTERY + "dca7729a_421a_4921_90cf_9692bb9eb081"
BATTERY_CELL_SPECIFICATION: Final = _BATTERY + "1cfbba6c_8824_4932_a23e_2141483acef7"
ELECTRODE: Final = _ECHEM + "0f007072_a8dd_4798_b865_1bf9363be627"
POSITIVE_ELECTRODE: Final = _ECHEM + "aff732a9_238a_4734_977c_b2ba202af126"
NEGATIVE_ELECTRODE: Final = _ECHEM + "c94c041b_8ea6_43e7_85cc_d2bce7785b4c"
CATHODE: Final = _ECHEM + "35c650ab_3b23_4938_b312_1b0dede2e6d5"
ANODE: Final = _ECHEM + "b6319c74_d2ce_48c0_a75a_63156776b302"
ACTIVE_MATERIAL: Final = _ECHEM + "79d1b273_58cd_4be6_a250_434817f7c261"
LITHIUM: Final = _CHEMICAL + "c109ca45_08c7_4436_a818_a9c575785e2f"
LITHIUM_BASED_ELECTRODE: Final = _ECHEM + "47346d85_b9be_4480_8993_6307b1c58fcd"
AIR_ELECTRODE: Final = _ECHEM + "8b40856f_1ca2_4137_9616_7fb624671909"
OXYGEN_ELECTRODE: Final = _ECHEM + "e2c91edd_dd01_4309_9735_6fe5280261d4"
INSERTION_ELECTRODE: Final = _ECHEM + "757eae08_4d43_42d4_8b4e_8a0bfd2f9a1c"
NON_AQUEOUS_ELECTROLYTE: Final = _ECHEM + "5f9a9411_05f9_4576_acd3_81d7d41cfe98"
AQUEOUS_ELECTROLYTE: Final = _ECHEM + "b812e9d0_7c58_4455_b3e7_6847f10c8e8a"
ALKALINE_ELECTROLYTE: Final = _ECHEM + "615cff2a_be95_4e65_9471_98db23f4c878"
WATER: Final = _ECHEM + "a7b05629_80d7_402b_be1a_69933d24c4cb"
LITHIUM_HYDROXIDE: Final = _CHEMICAL + "65032a2b_f5ce_44e4_8798_6bd989e6785f"
SODIUM_HYDROXIDE: Final = _CHEMICAL + "904b81d8_7d9c_45f4_95d7_e27ff9cebf17"
POTASSIUM_HYDROXIDE: Final = _CHEMICAL + "ccdce7d4_b695_4871_84c2_13679807d077"
LITHIUM_ION_BATTERY: Final = _BATTERY + "96addc62_ea04_449a_8237_4cd541dd8e5f"
CYLINDRICAL_CASE: Final = _ECHEM + "b1cf9fee_2164_4f95_8204_90f717373a8a"
COIN_CASE: Final = _ECHEM + "3979cd56_6256_414d_966c_7f723bf71e37"

# What things are, at the top.
PHYSICAL_QUANTITY: Final = _EMMO + "EMMO_02c0621e_a527_4790_8a0f_2bb51973c819"
CHEMICAL_SUBSTANCE: Final = _EMMO + "EMMO_df96cbb6_b5ee_4222_8eab_b3675df24bea"
PROCEDURE: Final = _EMMO + "EMMO_472a0ca2_58bf_4618_b561_6fe68bd9fd49"
BATTINFO_PARAMETER_SET: Final = BATTINFO + "ParameterSet"
BATTINFO_CELL_INSTANCE: Final = BATTINFO + "CellInstance"
CSVW_TABLE_SCHEMA: Final = "http://www.w3.org/ns/csvw#TableSchema"
RECORD_KINDS: Final = {
    _SCHEMA + "Dataset": DATASET,
    "http://www.w3.org/ns/dcat#Dataset": DATASET,
    _SCHEMA + "HowTo": PROCEDURE,
    "http://www.w3.org/ns/prov#Plan": PROCEDURE,
    CSVW_TABLE_SCHEMA: CSVW_TABLE_SCHEMA,
    "http://www.w3.org/ns/csvw#Schema": CSVW_TABLE_SCHEMA,
}
"""Classes of other vocabularies that say what a record is, and the class here that says the same."""
MATTER: Final = _EMMO + "EMMO_5b2222df_4da6_442f_8244_96e9e45887d1"
MATERIAL: Final = _EMMO + "EMMO_4207e895_8b83_4318_996a_72cfb32acd94"
PROCESS: Final = _EMMO + "EMMO_43e9a05d_98af_41b4_92f6_00f79a09bfce"
PHYSICAL_OBJECT: Final = _EMMO + "EMMO_38b579de_4331_40e0_803d_09efa298e726"
DEVICE: Final = _EMMO + "EMMO_494b372c_cfdf_47d3_a4de_5e037c540de8"
MEASURING_INSTRUMENT: Final = _EMMO + "EMMO_f2d5d3ad_2e00_417f_8849_686f3988d929"
CHARACTERISATION_TECHNIQUE: Final = _CHAMEO + "CharacterisationTechnique"
SUBSTANCE: Final = _EMMO + "EMMO_bc37743c_37c4_4ec7_9d58_d1aae5567352"
ELECTROCHEMICAL_DEVICE: Final = _ECHEM + "0acd0fc2_1048_4604_8e90_bf4e84bd87df"
ELECTROCHEMICAL_COMPONENT: Final = _ECHEM + "b5ea31c9_bb10_4276_980e_c3eceb1efc82"
ELECTROLYTE: Final = _ECHEM + "fb0d9eef_92af_4628_8814_e065ca255d59"
SEPARATOR: Final = _ECHEM + "331e6cca_f260_4bf8_af55_35304fe1bbe0"
CASE: Final = _ECHEM + "1aec4cc0_82d5_4042_a657_ed7fe291c3d8"
CURRENT_COLLECTOR: Final = _ECHEM + "212af058_3bbb_419f_a9c6_90ba9ebb3706"

# Kinds of quantity that a cell is most often asked for.
RATED_CAPACITY: Final = _ECHEM + "9b3b4668_0795_4a35_9965_2af383497a26"
NOMINAL_CAPACITY: Final = _ECHEM + "8abde9d0_84f6_4b4f_a87e_86028a397100"
NOMINAL_VOLTAGE: Final = _ECHEM + "639b844a_e801_436b_985d_28926129ead6"
CAPACITY: Final = _ECHEM + "791c1915_a791_4450_acd8_7f94764743b5"
DIAMETER: Final = _EMMO + "EMMO_c1c8ac3c_8a1c_4777_8e0b_14c1f9f9b0c6"
HEIGHT: Final = _EMMO + "EMMO_08bcf1d6_e719_46c8_bb21_24bc9bf34dba"

# Annotations of EMMO.
ELUCIDATION: Final = _EMMO + "EMMO_967080e5_2f42_4eb2_a3a9_c58143e835f9"

# Standard vocabularies, where the name is in the IRI.
SCHEMA_NAME: Final = _SCHEMA + "name"
SCHEMA_ABOUT: Final = _SCHEMA + "about"
SCHEMA_ALTERNATE_NAME: Final = _SCHEMA + "alternateName"
SCHEMA_HEADLINE: Final = _SCHEMA + "headline"
SCHEMA_DESCRIPTION: Final = _SCHEMA + "description"
SCHEMA_ABSTRACT: Final = _SCHEMA + "abstract"
SCHEMA_COMMENT: Final = _SCHEMA + "comment"
SCHEMA_MODEL: Final = _SCHEMA + "model"
SCHEMA_SIZE: Final = _SCHEMA + "size"
SCHEMA_MANUFACTURER: Final = _SCHEMA + "manufacturer"
SCHEMA_VALUE: Final = _SCHEMA + "value"
SCHEMA_MIN_VALUE: Final = _SCHEMA + "minValue"
SCHEMA_MAX_VALUE: Final = _SCHEMA + "maxValue"
SCHEMA_MARGIN_OF_ERROR: Final = _SCHEMA + "marginOfError"
SCHEMA_VALUE_REFERENCE: Final = _SCHEMA + "valueReference"
SCHEMA_ADDITIONAL_PROPERTY: Final = _SCHEMA + "additionalProperty"
SCHEMA_IDENTIFIER: Final = _SCHEMA + "identifier"
SCHEMA_PROPERTY_ID: Final = _SCHEMA + "propertyID"
SCHEMA_UNIT_TEXT: Final = _SCHEMA + "unitText"
SCHEMA_UNIT_CODE: Final = _SCHEMA + "unitCode"
SKOS_PREF_LABEL: Final = _SKOS + "prefLabel"
SKOS_ALT_LABEL: Final = _SKOS + "altLabel"
SKOS_HIDDEN_LABEL: Final = _SKOS + "hiddenLabel"
RDFS_LABEL: Final = _RDFS + "label"
RDFS_COMMENT: Final = _RDFS + "comment"
RDFS_SUB_CLASS_OF: Final = _RDFS + "subClassOf"
RDFS_SUB_PROPERTY_OF: Final = _RDFS + "subPropertyOf"
OWL_CLASS: Final = _OWL + "Class"
OWL_DEPRECATED: Final = _OWL + "deprecated"
DCTERMS_TITLE: Final = _DCTERMS + "title"
DCTERMS_DESCRIPTION: Final = _DCTERMS + "description"
DCTERMS_CONFORMS_TO: Final = _DCTERMS + "conformsTo"
DCTERMS_IS_REPLACED_BY: Final = _DCTERMS + "isReplacedBy"
BATTINFO_CONDITIONS: Final = BATTINFO + "conditions"
BATTINFO_STANDARD_DEVIATION: Final = BATTINFO + "standardDeviation"
DC_TITLE: Final = "http://purl.org/dc/elements/1.1/title"
DC_DESCRIPTION: Final = "http://purl.org/dc/elements/1.1/description"

PROPERTY_KINDS: Final = frozenset({PROPERTY, CONVENTIONAL_PROPERTY, MEASURED_PROPERTY, NOMINAL_PROPERTY, QUANTITY})
"""Classes that say how a quantity was come by, not what it is of."""

LABELS: Final[Mapping[str, str]] = {
    HAS_PROPERTY: "hasProperty",
    HAS_CONVENTIONAL_PROPERTY: "hasConventionalProperty",
    HAS_MEASURED_PROPERTY: "hasMeasuredProperty",
    HAS_NUMERICAL_PART: "hasNumericalPart",
    HAS_NUMBER_VALUE: "hasNumberValue",
    HAS_STRING_VALUE: "hasStringValue",
    HAS_DATA_VALUE: "hasDataValue",
    HAS_METROLOGICAL_REFERENCE: "hasMetrologicalReference",
    HAS_METROLOGICAL_UNCERTAINTY: "hasMetrologicalUncertainty",
    HAS_INPUT: "hasInput",
    HAS_OUTPUT: "hasOutput",
    IS_OUTPUT_OF: "isOutputOf",
    HAS_MEASUREMENT_UNIT: "hasMeasurementUnit",
    PROPERTY: "Property",
    CONVENTIONAL_PROPERTY: "ConventionalProperty",
    MEASURED_PROPERTY: "MeasuredProperty",
    NOMINAL_PROPERTY: "NominalProperty",
    QUANTITY: "Quantity",
    REAL_DATA: "RealData",
    NUMERICAL_DATA: "NumericalData",
    MEASUREMENT_UNIT: "MeasurementUnit",
    C: "C",
    HAS_COMPONENT: "hasComponent",
    HAS_CONSTITUENT: "hasConstituent",
    HAS_ELECTRODE: "hasElectrode",
    HAS_POSITIVE_ELECTRODE: "hasPositiveElectrode",
    HAS_NEGATIVE_ELECTRODE: "hasNegativeElectrode",
    HAS_ELECTROLYTE: "hasElectrolyte",
    HAS_SEPARATOR: "hasSeparator",
    HAS_COATING: "hasCoating",
    HAS_ACTIVE_MATERIAL: "hasActiveMaterial",
    HAS_CASE: "hasCase",
    ELECTROCHEMICAL_CELL: "ElectrochemicalCell",
    BATTERY: "Battery",
    BATTERY_CELL: "BatteryCell",
    BATTERY_CELL_SPECIFICATION: "BatteryCellSpecification",
    ELECTRODE: "Electrode",
    POSITIVE_ELECTRODE: "PositiveElectrode",
    NEGATIVE_ELECTRODE: "NegativeElectrode",
    CATHODE: "Cathode",
    ANODE: "Anode",
    ACTIVE_MATERIAL: "ActiveMaterial",
    LITHIUM: "Lithium",
    LITHIUM_BASED_ELECTRODE: "LithiumBasedElectrode",
    AIR_ELECTRODE: "AirElectrode",
    OXYGEN_ELECTRODE: "OxygenElectrode",
    INSERTION_ELECTRODE: "InsertionElectrode",
    NON_AQUEOUS_ELECTROLYTE: "NonAqueousElectrolyte",
    AQUEOUS_ELECTROLYTE: "AqueousElectrolyte",
    ALKALINE_ELECTROLYTE: "AlkalineElectrolyte",
    WATER: "Water",
    LITHIUM_HYDROXIDE: "LithiumHydroxide",
    SODIUM_HYDROXIDE: "SodiumHydroxide",
    POTASSIUM_HYDROXIDE: "PotassiumHydroxide",
    LITHIUM_ION_BATTERY: "LithiumIonBattery",
    CYLINDRICAL_CASE: "CylindricalCase",
    COIN_CASE: "CoinCase",
    SUBSTANCE: "Substance",
    RATED_CAPACITY: "RatedCapacity",
    NOMINAL_CAPACITY: "NominalCapacity",
    NOMINAL_VOLTAGE: "NominalVoltage",
    CAPACITY: "Capacity",
    DIAMETER: "Diameter",
    HEIGHT: "Height",
    PHYSICAL_QUANTITY: "PhysicalQuantity",
    PRISMATIC_BATTERY: "PrismaticBattery",
    CYLINDRICAL_BATTERY: "CylindricalBattery",
    COIN_CELL: "CoinCell",
    POUCH_CELL: "PouchCell",
    PRIMARY_BATTERY: "PrimaryBattery",
    SECONDARY_BATTERY: "SecondaryBattery",
    BATTERY_TEST: "BatteryTest",
    CHEMICAL_SUBSTANCE: "ChemicalSubstance",
    PROCEDURE: "Procedure",
    DATASET: "Dataset",
    MATTER: "Matter",
    MATERIAL: "Material",
    PROCESS: "Process",
    PHYSICAL_OBJECT: "PhysicalObject",
    DEVICE: "Device",
    MEASURING_INSTRUMENT: "MeasuringInstrument",
    CHARACTERISATION_TECHNIQUE: "CharacterisationTechnique",
    ELECTROCHEMICAL_DEVICE: "ElectrochemicalDevice",
    ELECTROCHEMICAL_COMPONENT: "ElectrochemicalComponent",
    ELECTROLYTE: "Electrolyte",
    SEPARATOR: "Separator",
    CASE: "Case",
    CURRENT_COLLECTOR: "CurrentCollector",
    ELUCIDATION: "elucidation",
}
"""prefLabel of every term of the EMMO family above."""


def is_of_every_science(iri: str) -> bool:
    """Whether a class is one of the top of the ontologies, whose labels are words of every science: *file*, *step*, *project*.

    >>> is_of_every_science(DATASET), is_of_every_science(ELECTROLYTE)
    (True, False)
    """
    return iri.startswith(_EMMO)
